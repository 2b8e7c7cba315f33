"""The entry point that pyproject.toml names: adds the compiler's commands to `jararaca`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jararaca_compiler.commands.console import examples
from jararaca_compiler.commands.console.options import CheckOption, Format, FormatOption, leave

if TYPE_CHECKING:
    from jararaca_compiler.project.config import Config

_CONTRACT = "Contract"
_OPERATE = "Inspect and operate"


class Perspective(StrEnum):
    """Whose document it is: this application's, or that of one whose client it is."""

    application = "application"
    client = "client"


Sources = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PATH",
        help="Documents or folders. Default: [tool.jararaca] sources.",
        show_default=False,
    ),
]
Contracts = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PATH",
        help="Documents, folders or an application (package.module:app). "
        "Default: [tool.jararaca] sources.",
        show_default=False,
    ),
]
SinceOption = Annotated[
    str | None,
    typer.Option(metavar="REVISION", help="Add the changes since this git tag or revision."),
]
PerspectiveOption = Annotated[
    Perspective | None,
    typer.Option(
        metavar="application|client",
        help="`client` if the documents describe another service: you receive what it sends.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the compiler's commands."""
    from jararaca_compiler.commands.deploying.command_line import deploy_group
    from jararaca_compiler.commands.diff import diff
    from jararaca_compiler.commands.discovering.command_line import DISCOVER, discover
    from jararaca_compiler.commands.documentation.job import job
    from jararaca_compiler.commands.exporting.command_line import export_group
    from jararaca_compiler.commands.observing.command_line import EXAMPLES as OBSERVE
    from jararaca_compiler.commands.observing.command_line import observe
    from jararaca_compiler.commands.registry.command_line import (
        CAN_DEPLOY,
        can_deploy,
        contracts_group,
    )

    app.command(epilog=examples.INIT, rich_help_panel=_CONTRACT)(init)
    app.command(epilog=examples.CODEGEN, rich_help_panel=_CONTRACT)(codegen)
    app.command(epilog=examples.DIFF, rich_help_panel=_CONTRACT)(diff)
    app.command(epilog=examples.LINT, rich_help_panel=_CONTRACT)(lint)
    app.command(epilog=examples.LINK, rich_help_panel=_CONTRACT)(link)
    app.command("can-deploy", epilog=CAN_DEPLOY, rich_help_panel=_CONTRACT)(can_deploy)
    app.command(epilog=DISCOVER, rich_help_panel=_CONTRACT)(discover)
    app.command("import", epilog=examples.IMPORT, rich_help_panel=_CONTRACT)(import_)
    docs = typer.Typer(
        help="Build or serve the documentation site.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    docs.callback()(lambda: None)
    docs.command(epilog=examples.BUILD)(build)
    docs.command(epilog=examples.SERVE)(serve)
    docs.command(epilog=examples.JOB)(job)
    app.add_typer(docs, name="docs", rich_help_panel=_CONTRACT)
    app.add_typer(contracts_group(), name="contracts", rich_help_panel=_CONTRACT)
    app.add_typer(export_group(), name="export", rich_help_panel=_CONTRACT)
    app.command(epilog=OBSERVE, rich_help_panel=_OPERATE)(observe)
    app.add_typer(deploy_group(), name="deploy", rich_help_panel=_OPERATE)


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The project's folder. Created if needed.")
    ] = Path(),
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The service's name. Default: the folder's name."),
    ] = None,
) -> None:
    """Create a project that is ready to run.

    The project has a document, a handler, an application, a test, a Dockerfile, a compose file and
    a CI job. It can be installed and built as a package.
    Nothing is overwritten: if one of the files exists, nothing is written.
    """
    from jararaca_compiler.commands.init import init as begin

    leave(lambda: begin(folder, name))


def codegen(
    paths: Sources = None,
    check: CheckOption = False,
    format: FormatOption = Format.text,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Compile the services that have no errors.")
    ] = False,
    output: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="The folder for the generated packages.", show_default=False
        ),
    ] = None,
    handlers: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="The file for handler stubs, such as handlers/{service}.py."
        ),
    ] = None,
    exchange: Annotated[
        str | None, typer.Option(metavar="NAME", help="The name of the services' exchange.")
    ] = None,
    perspective: PerspectiveOption = None,
    allow_remote_refs: Annotated[
        bool,
        typer.Option(
            "--allow-remote-refs", help="Fetch http(s) references and pin them in jararaca.lock."
        ),
    ] = False,
    update_lock: Annotated[
        bool, typer.Option("--update-lock", help="Accept changed remote references.")
    ] = False,
    verify: Annotated[
        bool | None,
        typer.Option(
            "--verify/--no-verify",
            help="Import the generated code, and compare each class with its schema.",
            show_default="with --check",
        ),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Compile again on each save, until Ctrl-C.")
    ] = False,
    from_code: Annotated[
        str | None,
        typer.Option(
            "--from-code",
            metavar="APP",
            help="Instead, write the routing table of an application (package.module:app).",
        ),
    ] = None,
) -> None:
    """Compile documents into messages, routes, stubs and topology.

    If a document has an error, nothing is written and the generated code stays as it was.

    Exit status: 0 for success; 1 if generated code is stale (with --check); 2 for an invalid
    document or option.
    """
    from jararaca_compiler.commands.codegen import Codegen, Request
    from jararaca_compiler.project.config import read_config, working_folder

    def run() -> int:
        root = working_folder(paths)
        config = read_config(root).override(
            sources=tuple(paths or ()),
            output=output,
            handlers=handlers,
            exchange=exchange,
            perspective=None if perspective is None else perspective.value,
        )
        if from_code is not None:
            from jararaca_compiler.commands.codegen_from_code import codegen_from_code

            return codegen_from_code(root, config, from_code, check=check)
        request = Request(check, format.value, keep_going, allow_remote_refs, update_lock, verify)
        if watch:
            from jararaca_compiler.commands.codegen_on_save import compile_on_save

            return compile_on_save(root, config, request)
        return Codegen(root, config, request).run()

    leave(run)


def lint(
    paths: Contracts = None,
    format: FormatOption = Format.text,
    perspective: PerspectiveOption = None,
    allow_remote_refs: Annotated[
        bool, typer.Option("--allow-remote-refs", help="Fetch http(s) references.")
    ] = False,
    rules: Annotated[
        bool, typer.Option("--rules", help="List the rules, their reasons and their fixes.")
    ] = False,
) -> None:
    """Check the style of contracts that compile.

    The rules look at examples, names and schemas, among others.

    Exit status: 0 if no rule with level `error` finds anything; 1 if one does; 2 for invalid
    input.
    """
    from jararaca_compiler.commands.lint import list_rules, run_lint
    from jararaca_compiler.project.config import working_folder

    def run() -> int:
        if rules:
            return list_rules(working_folder())
        root, config = _documents(paths, perspective)
        return run_lint(root, config, format.value, allow_remote=allow_remote_refs)

    leave(run)


def link(
    paths: Contracts = None,
    format: FormatOption = Format.text,
    perspective: PerspectiveOption = None,
    explain: Annotated[
        tuple[str, str] | None,
        typer.Option("--explain", metavar="A B", help="Explain what goes between two services."),
    ] = None,
    update_lock: Annotated[
        bool, typer.Option("--update-lock", help="Accept changed neighbours on the network.")
    ] = False,
) -> None:
    """Prove that each message fits its receivers.

    Compares what each service sends with what its receivers accept. The services are those of the
    sources, and of the documents of other teams that [tool.jararaca] names as neighbours. If a
    message does not fit, you see an example that the sender may send and the receiver refuses.

    Exit status: 0 if no rule with level `error` finds anything; 1 if one does; 2 for invalid
    input.
    """
    from jararaca_compiler.commands.link import run_link

    def run() -> int:
        root, config = _documents(paths, perspective)
        return run_link(root, config, format.value, explain, update_lock=update_lock)

    leave(run)


def import_(
    targets: Annotated[
        list[str],
        typer.Argument(
            metavar="MODULE|FILE",
            help="Modules with Message classes, a FastStream app (module:app), or files: "
            "JSON samples, OpenAPI, GraphQL, XML Schema.",
        ),
    ],
    output: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The file to write, or `-` for stdout."),
    ] = None,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="The document's title.")] = None,
) -> None:
    """Write a document from existing code or schemas.

    Reads Message classes with a MESSAGE_TOPIC and their handlers, a FastStream application, or
    files in another language: JSON samples (a file, or a folder of them), OpenAPI, GraphQL and
    XML Schema. Run it once; from then on, the document is the source. Python modules are
    imported, so their code runs. Nothing is overwritten.
    """
    from jararaca_compiler.commands.import_code import import_code

    leave(lambda: import_code(Path.cwd(), targets, output, title))


def build(
    paths: Contracts = None,
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The folder for the site. Default: site.")
    ] = None,
    since: SinceOption = None,
    format: FormatOption = Format.text,
    perspective: PerspectiveOption = None,
) -> None:
    """Build the documentation site: static, offline, searchable."""
    from jararaca_compiler.commands.documentation.build import publish

    # What is typed is below the current folder; the default stands in the project.
    site = Path("site") if output is None else output.absolute()
    leave(lambda: publish(*_documents(paths, perspective), site, format.value, since))


def serve(
    paths: Contracts = None,
    port: Annotated[int, typer.Option(metavar="PORT", help="The port on localhost.")] = 8000,
    since: SinceOption = None,
    perspective: PerspectiveOption = None,
) -> None:
    """Serve the documentation site, and rebuild it on each save.

    While a document has an error, the last valid pages stay and show the error.
    """
    from jararaca_compiler.commands.documentation.serve import serve as run

    leave(lambda: run(*_documents(paths, perspective), port, since))


def _documents(paths: list[str] | None, perspective: Perspective | None) -> tuple[Path, Config]:
    """Where a command works, and the documents that it is about."""
    from jararaca_compiler.importing.sources import documented
    from jararaca_compiler.project.config import read_config, working_folder

    root = working_folder(paths)
    config = read_config(root).override(
        sources=tuple(paths or ()),
        perspective=None if perspective is None else perspective.value,
    )
    return root, documented(root, config)
