"""The engines as processes: started once for a thread count, stopped while another is measured."""
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

from environment import HERE

IDLE_SECONDS = 0.2


def engines(models, python, worker):
    """Name to command line, the thread count left as {threads}. Ours begin with "coderank"."""
    def peer(script, model):
        return [str(python), str(HERE / script), str(models / model), "{threads}"]

    def ours(precision):
        return [str(worker), str(models / "model"), "{threads}", precision]
    return {
        "coderank int8": ours("int8"),
        "coderank f32": ours("f32"),
        "PyTorch f32": peer("peer_torch.py", "model"),
        "ONNX Runtime f32": peer("peer_onnxruntime.py", "onnx-f32"),
        "ONNX Runtime int8": peer("peer_onnxruntime.py", "onnx-int8"),
        "OpenVINO f32": peer("peer_openvino.py", "openvino-f32"),
        "OpenVINO int8": peer("peer_openvino.py", "openvino-int8"),
        "llama.cpp Q8_0": peer("peer_llamacpp.py", "gguf/q8_0.gguf"),
    }


class Missing(Exception):
    """The engine cannot be had; says why."""


class Worker:
    """One engine's process. It is stopped (SIGSTOP) outside of `ask`, so that threads which spin
    while they wait cannot disturb whoever is measured."""

    def __init__(self, command, threads, environment):
        command = [part.replace("{threads}", str(threads)) for part in command]
        self.log = tempfile.TemporaryFile("w+", errors="replace")  # a pipe would fill up unread
        self.process = subprocess.Popen(command, env=environment, text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.log)
        hello = self.process.stdout.readline()
        if not hello:
            raise Missing(self._last_words())
        self.hello = json.loads(hello)
        self._stop()

    def ask(self, request):
        self.process.send_signal(signal.SIGCONT)
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise Missing(self._last_words())
        return json.loads(answer)

    def idle_cpu(self):
        """CPU seconds spent in the IDLE_SECONDS after an answer, when there was nothing to do."""
        before = self._cpu_seconds()
        time.sleep(IDLE_SECONDS)
        return self._cpu_seconds() - before

    def measure(self, sequences, seconds, cold):
        answer = self.ask({"sequences": sequences, "seconds": seconds, "cold": cold})
        self._stop()
        return answer

    def vectors(self, sequences):
        answer = self.ask({"sequences": sequences, "vectors": True})
        self._stop()
        return answer["vectors"]

    def close(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()
        self.log.close()

    def _stop(self):
        self.process.send_signal(signal.SIGSTOP)

    def _cpu_seconds(self):
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    def _last_words(self):
        self.process.wait()
        self.log.seek(0)
        lines = self.log.read().strip().splitlines()
        return lines[-1] if lines else f"exit code {self.process.returncode}"
