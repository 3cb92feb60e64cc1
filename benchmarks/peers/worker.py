"""One peer as a process: a line of JSON in, the work, a line of JSON out.

Only the work itself is timed: the connection is open, the data is loaded, the queries are read.
"""

import importlib
import json
import os
import resource
import sys
import time

import numpy

from flatten import flatten

ONLY = "AND uid IN (SELECT uid FROM changed)"


class Worker:
    def __init__(self, name, folder, threads):
        self.folder = folder
        self.peer = importlib.import_module(f"{name}_peer").Peer(
            os.path.join(folder, name), threads)

    def queries(self, order, only):
        for number, key in enumerate(order["definitions"]):
            path = os.path.join(order["sql"], f"{key}.{self.peer.dialect}.sql")
            with open(path, encoding="utf-8") as file:
                text = file.read()
            yield number, text.replace("{now}", str(order["now"])).replace("{only}", only)

    def version(self, order):
        return {"version": self.peer.version}

    def load(self, order):
        paths = flatten(order["calls"], self.folder, 0)
        return self.timed(lambda: self.peer.load(paths))

    def append(self, order):
        paths = flatten(order["calls"], self.folder, order["first_line"])
        self.peer.append(paths)
        self.peer.tell(paths)
        for path in paths.values():
            os.remove(path)
        return {}

    def recompute(self, order):
        return self.work(order, "")

    def told(self, order):
        return self.work(order, ONLY)

    def work(self, order, only):
        queries = list(self.queries(order, only))
        return self.timed(lambda: self.peer.recompute(queries, only))

    def timed(self, work):
        start = time.perf_counter()
        counts = work()
        answer = {"seconds": time.perf_counter() - start}
        if counts:
            answer["entered"], answer["left"] = counts
        return answer

    def compare(self, order):
        """The definitions whose members are not those of the exported files."""
        differing = []
        for number, key in enumerate(order["definitions"]):
            with open(os.path.join(order["exports"], f"{key}.csv"), encoding="utf-8") as file:
                next(file)
                exported = numpy.array(
                    [int(line.split(",", 1)[0].strip()[1:]) for line in file], dtype=numpy.int64)
            found = self.peer.members(number)
            if not numpy.array_equal(numpy.sort(exported), numpy.sort(found)):
                differing.append(
                    {"key": key, "exported": len(exported), "found": len(found),
                     "common": len(numpy.intersect1d(exported, found))})
        return {"differing": differing, "peak": self.peak()}

    def peak(self):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main():
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # What a library prints is no answer.
    worker = Worker(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = getattr(worker, order["do"])(order)
        except Exception as error:  # The harness says it, and ends.
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


main()
