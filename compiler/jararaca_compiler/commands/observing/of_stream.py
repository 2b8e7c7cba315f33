"""What `jararaca testing record` asks the compiler for: a file that keeps messages, masked."""

from __future__ import annotations

from pathlib import Path

from jararaca_shared.broker_url import parse_broker_url
from jararaca_shared.recording import RecordingError

from jararaca_compiler.commands.console.findings import print_findings
from jararaca_compiler.commands.observing.record_file import RecordFile
from jararaca_compiler.commands.observing.run import documents_of
from jararaca_compiler.observing.contract import observed
from jararaca_compiler.observing.recording.recorder import Recorder
from jararaca_compiler.pipeline.compilation import read_contract
from jararaca_compiler.project.config import ConfigError, working_folder


def recording(path: Path, broker_url: str, schemas: tuple[str, ...]) -> RecordFile:
    """A file as `jararaca observe --record` writes it; `schemas` are documents, else the sources.

    Raises RecordingError where it cannot be written, or the documents do not compile.
    """
    try:
        root = working_folder(list(schemas))
        contract = read_contract(documents_of(root, schemas), root)
        if not contract.is_sound:
            print_findings(contract.diagnostics, "text", contract.documents.text, "record", root)
            raise RecordingError("the documents do not compile: nothing is recorded")
        url = parse_broker_url(broker_url)
        made = observed(contract.services, contract.resolver.lookup, url.exchange)
        return RecordFile(path, Recorder(made), url.shown, option="--output")
    except ConfigError as error:
        raise RecordingError(str(error)) from error
