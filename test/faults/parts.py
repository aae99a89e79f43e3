"""The processes of a federation: started, killed, stopped and started again; only those that were started here."""
import os
import signal
import subprocess
import time


class Part:
    """One supervised program, as systemd would: when it ended it is started again."""

    def __init__(self, name, command, log, env=None):
        self.name, self.command, self.log = name, command, log
        self.env = {**os.environ, **(env or {})}
        self.process = None
        self.begins_at = 0.0
        self.may_end = False  # while its disk is full it may end by itself with code 1
        self.surprises = []

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env,
                                            start_new_session=True)

    def running(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        if self.running():
            self.process.send_signal(number)

    def kill(self, pause):
        """kill -9, and when it starts again."""
        if not self.running():
            return False
        self.process.kill()
        self.process.wait()
        self.process = None
        self.begins_at = time.monotonic() + pause
        return True

    def attend(self):
        """Starts it when it is due; notes an end that nobody asked for."""
        if self.process is not None and self.process.poll() is not None:
            code = self.process.returncode
            if not (self.may_end and code == 1):
                self.surprises.append(f"{self.name} ended by itself with {code}; its log is {self.log}")
            self.process = None
            self.begins_at = time.monotonic() + 1
        if self.process is None and time.monotonic() >= self.begins_at:
            self.start()

    def stop(self):
        if not self.running():
            return None
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            code = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            code = -signal.SIGKILL
        self.process = None
        return code

    def child(self):
        """The process id of its only child, or None: of an aggregator its enclave."""
        if not self.running():
            return None
        pid = self.process.pid
        try:
            with open(f"/proc/{pid}/task/{pid}/children") as file:
                return int((file.read().split() or [0])[0]) or None
        except OSError:
            return None
