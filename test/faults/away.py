"""Devices are away while the world goes on.

One is frozen, as in a suspended machine, until its credential has expired: it enrols anew by itself. Then one is switched
off and one is frozen; rounds go by without them, the enclave is another when they return, and the broker has forgotten
their sessions, as it does after a day. All must be counted in a round on their return, without help."""
import re
import signal
import sys
import time

from storm import Storm, Trouble, read_options, run


class Away(Storm):
    def enrolments(self, part):
        """(credential, when it expires) of each enrolment that its log tells of."""
        with open(part.log, errors="replace") as file:
            found = re.findall(r" enrolled credential=([0-9a-f]+) expires=(\d+)", file.read())
        return [(credential, int(expires)) for credential, expires in found]

    def boots(self, part):
        with open(part.log, errors="replace") as file:
            return re.findall(r" trusted .*boot=([0-9a-f]+)", file.read())

    def everybody_returns(self):
        everybody = len(self.nodes)
        self.release(1, everybody)
        if self.last_counted() != everybody:
            raise Trouble(f"only {self.last_counted()} of {everybody} were counted after their return")

    def outlive_a_credential(self):
        frozen = self.nodes[0]
        before, boots = self.enrolments(frozen), self.boots(frozen)
        self.say(f"{frozen.name} is frozen until its credential has expired")
        frozen.signal(signal.SIGSTOP)
        self.release(1, len(self.nodes) - 1)
        while time.time() < before[-1][1] + 2:
            self.wait(0.5)
        self.say(f"{frozen.name} is back")
        frozen.signal(signal.SIGCONT)
        self.everybody_returns()
        after = self.enrolments(frozen)
        if len(after) <= len(before) or after[-1][0] == before[-1][0] or after[-1][1] < time.time():
            raise Trouble(f"{frozen.name} was counted with a credential that had expired: {before}, {after}")
        if self.boots(frozen) != boots:
            raise Trouble("the enclave was another one: the credential was not what kept the device from its work")

    def outlive_an_enclave(self):
        off, frozen = self.nodes[-1], self.nodes[-2]
        self.say(f"{off.name} is switched off, {frozen.name} is frozen")
        if off.stop() != 0:
            raise Trouble(f"{off.name} did not end as it was asked to")
        off.begins_at = float("inf")
        frozen.signal(signal.SIGSTOP)
        self.release(1, len(self.nodes) - 2)
        if not self.kill_enclave():
            raise Trouble("there is no enclave to kill")
        self.kill_part(self.broker, "kill_broker")
        self.forget_all()
        self.wait(1)
        self.release(1, len(self.nodes) - 2)
        self.say("they are back")
        frozen.signal(signal.SIGCONT)
        off.begins_at = 0
        self.everybody_returns()

    def course(self):
        self.begin()
        self.release(1, len(self.nodes))
        self.outlive_a_credential()
        self.outlive_an_enclave()
        self.settle()


if __name__ == "__main__":
    sys.exit(run(Away(read_options())))
