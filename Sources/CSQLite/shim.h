#ifndef ROLLCALL_CSQLITE_SHIM_H
#define ROLLCALL_CSQLITE_SHIM_H

#include <sqlite3.h>

// SQLITE_TRANSIENT is a cast of -1 to a function pointer, which Swift does not import.
static inline sqlite3_destructor_type rollcall_sqlite_transient(void) {
  return SQLITE_TRANSIENT;
}

// sqlite3_db_config is variadic: turns off double-quoted string literals, so that a misspelt
// column is an error and not a string.
static inline int rollcall_sqlite_refuse_quoted_strings(sqlite3 *db) {
  int code = sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, (int *)0);
  return code == SQLITE_OK ? sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, (int *)0) : code;
}

// sqlite3_config is variadic: stops the count of allocated bytes, which makes every allocation of
// every connection wait for one lock. Only before the first connection.
static inline int rollcall_sqlite_omit_memory_statistics(void) {
  return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

#endif
