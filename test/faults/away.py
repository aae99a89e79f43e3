"""Two devices are away while the world goes on: one is switched off, one is frozen as in a suspended machine. Rounds go
by without them, the enclave is another when they return, and the broker has forgotten their sessions, as it does after
a day. They must be counted in a round on their return, without help."""
import signal
import sqlite3
import sys
import time

from storm import Storm, Trouble, read_options, run


class Away(Storm):
    def release(self, rounds, cohort):
        wanted, end = self.rounds() + rounds, time.monotonic() + self.options.patience
        self.plan(rounds, cohort)
        while self.rounds() < wanted:
            if time.monotonic() > end:
                raise Trouble(f"{rounds} rounds with a cohort of {cohort} were not released in {self.options.patience} s")
            self.wait(0.2)

    def begin(self):
        self.wait(0.5)
        self.tacit("model", "import", f"{self.options.work}/first.safetensors", tries=5)

    def course(self):
        everybody = len(self.nodes)
        off, frozen = self.nodes[-1], self.nodes[-2]
        self.begin()
        self.release(1, everybody)
        self.say(f"{off.name} is switched off, {frozen.name} is frozen")
        if off.stop() != 0:
            raise Trouble(f"{off.name} did not end as it was asked to")
        off.begins_at = float("inf")
        frozen.signal(signal.SIGSTOP)
        self.release(1, everybody - 2)
        if not self.kill_enclave():
            raise Trouble("there is no enclave to kill")
        self.kill_part(self.broker, "kill_broker")
        self.forget_all()
        self.wait(1)
        self.release(2, everybody - 2)
        self.say("they are back")
        frozen.signal(signal.SIGCONT)
        off.begins_at = 0
        self.release(1, everybody)
        with sqlite3.connect(f"file:{self.options.work}/disk/aggregator.db?mode=ro", uri=True) as database:
            counted = database.execute("SELECT counted FROM rounds ORDER BY id DESC LIMIT 1").fetchone()[0]
        if counted != everybody:
            raise Trouble(f"only {counted} of {everybody} were counted after their return")
        self.settle()


if __name__ == "__main__":
    sys.exit(run(Away(read_options())))
