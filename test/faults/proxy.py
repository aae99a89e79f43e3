"""A TCP proxy on the loopback, in a thread of its own, whose links can be cut, refused and held up."""
import asyncio
import socket
import threading


class Proxy:
    def __init__(self, target_port):
        self.target_port = target_port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.links = set()  # pairs of writers
        self.refusing = False
        self.allowance = None  # bytes that may still go up before all links break
        self.exhausted = threading.Event()
        self.loop = asyncio.new_event_loop()
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(asyncio.start_server(self._serve, sock=self.listener))
        self.loop.run_forever()

    async def _serve(self, reader, writer):
        link = None
        try:
            if self.refusing:
                return
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
            link = (writer, far_writer)
            self.links.add(link)
            await asyncio.gather(self._pump(reader, far_writer, True), self._pump(far_reader, writer, False))
        except OSError:
            pass
        finally:
            self.links.discard(link)
            for end in link or (writer,):
                end.close()

    async def _pump(self, reader, writer, up):
        while True:
            data = await reader.read(4096)
            await self.flowing.wait()
            if not data:
                raise OSError("end")
            if up and self.allowance is not None:
                self.allowance -= len(data)
                if self.allowance < 0:
                    self._exhaust()
            writer.write(data)
            await writer.drain()

    def _exhaust(self):
        self.allowance, self.refusing = None, True
        for link in list(self.links):
            for end in link:
                end.transport.abort()
        self.exhausted.set()
        raise OSError("cut")

    def allow(self, size):
        """After so many more bytes to the broker all links break, and new ones are refused; then `exhausted` is set."""
        self.exhausted.clear()
        self.allowance = size

    def _do(self, work):
        self.loop.call_soon_threadsafe(work)

    def cut(self, choose=None):
        """Breaks every link off, or those that choose(list) gives."""

        def work():
            links = list(self.links)
            for link in choose(links) if choose else links:
                for end in link:
                    end.transport.abort()

        self._do(work)

    def refuse(self, on):
        self.refusing = on

    def hold(self, on):
        """What is under way stands still; nobody is told."""
        self._do(self.flowing.clear if on else self.flowing.set)
