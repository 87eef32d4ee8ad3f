"""Where the benchmark keeps what it makes, the Python environment of the peers, and the machine."""
import hashlib
import os
import pathlib
import platform
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# Settings that would hold a peer back or speak for threads; each engine is told its threads itself.
_HELD_BACK = re.compile(r"^(OMP|GOMP|KMP|MKL|OPENBLAS|GOTO|TBB|ORT|OV|DNNL|ONEDNN|ATEN|GGML)_")


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "coderank" / "bench"


def peer_environment(cache_bytes):
    clean = {name: value for name, value in os.environ.items() if not _HELD_BACK.match(name)}
    return clean | {"CODERANK_BENCH_CACHE_BYTES": str(cache_bytes), "PYTHONUNBUFFERED": "1"}


def peer_python(cache):
    """The interpreter of a virtual environment that has requirements.txt; made when missing."""
    requirements = HERE / "requirements.txt"
    key = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = cache / f"venv-{key}"
    if not (folder / "complete").exists():
        print(f"making the peers' environment in {folder} (minutes, some GB)", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        _install(folder / "bin" / "python", requirements)
        (folder / "complete").touch()
    return folder / "bin" / "python"


def _install(python, requirements):
    lines = [line for line in requirements.read_text().splitlines() if not line.startswith("#")]
    built = [line for line in lines if line.startswith("llama-cpp-python")]
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run(pip + [line for line in lines if line not in built], check=True)
    # From source, so that it uses this CPU's instructions; without it the others are still measured.
    native = os.environ | {"CMAKE_ARGS": "-DGGML_NATIVE=ON"}
    if subprocess.run(pip + ["--no-binary=llama-cpp-python"] + built, env=native).returncode != 0:
        print("llama-cpp-python could not be built: llama.cpp is left out", flush=True)


def build_worker():
    for command in (["cmake", "--preset", "bench"],
                    ["cmake", "--build", "--preset", "bench", "--target", "encoder_worker"]):
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return ROOT / "build" / "bench" / "bin" / "encoder_worker"


def commit():
    """The commit that is measured, with + behind it where files differ from it."""
    def git(*arguments):
        return subprocess.run(["git", *arguments], cwd=ROOT, text=True, capture_output=True).stdout
    return git("rev-parse", "--short=12", "HEAD").strip() + ("+" if git("status", "-s", "-uno") else "")


_ISA_FLAGS = ("avx2", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8")


def machine():
    info = pathlib.Path("/proc/cpuinfo").read_text()
    name = re.search(r"model name\s*: (.*)", info)
    flags = re.search(r"flags\s*: (.*)", info)
    has = set(flags[1].split()) if flags else set()
    return {"cpu": name[1] if name else platform.machine(), "cores": os.cpu_count(),
            "isa": [flag for flag in _ISA_FLAGS if flag in has],
            "kernel": platform.release(), "commit": commit(),
            "load_at_start": round(os.getloadavg()[0], 2)}
