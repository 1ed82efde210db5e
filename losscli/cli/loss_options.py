"""A command about one loss: its options are the common ones, and those that the loss's definition declares."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand, TyperOption

from losscli.cli.options import common_of, common_options
from losscli.schema.faults import UsageFault

if TYPE_CHECKING:
    from losscli.schema.loss import Loss, OptionSpec

LOSS_OPTIONS, PARAMETERS = "losscli.loss_options", "losscli.parameters"
_WRITTEN = "losscli.written"
_SOURCE = re.compile(r"-(\d|\.\d|inf|nan|::)", re.IGNORECASE)


class LossCommand(TyperCommand):
    """Reads the command line twice: first for the name of the loss, then with the options of that loss too."""

    def get_params(self, ctx: Any) -> list[Any]:
        own = super().get_params(ctx)
        added = ctx.meta.setdefault(PARAMETERS, common_options(ctx.info_name))
        return [*own[:-1], *ctx.meta.get(LOSS_OPTIONS, ()), *added, own[-1]]

    def make_parser(self, ctx: Any) -> Any:
        parser = super().make_parser(ctx)
        process_options = parser._process_opts

        def process(argument: str, state: Any) -> None:
            if _SOURCE.match(argument):
                state.largs.append(argument)  # -1 and -::column are sources, not options
            else:
                process_options(argument, state)

        setattr(parser, "_process_opts", process)  # noqa: B010  the parser has no other place for this
        return parser

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        loss = self._named_loss(ctx, args)
        if loss is not None:
            ctx.meta[LOSS_OPTIONS] = [_option_of(spec) for spec in loss.options]
        return super().parse_args(ctx, args)

    def _named_loss(self, ctx: Any, args: list[str]) -> Loss | None:
        """The first positional argument that names a loss; None if there is none, which is told later."""
        from losscli.request.naming import loss_named, names_a_function

        parser = self.make_parser(ctx)
        parser.ignore_unknown_options = True
        try:
            found, _, _ = parser.parse_args(list(args))
        except Exception as error:
            if getattr(error, "exit_code", None) is None:
                raise
            return None  # a usage error, which the second reading meets again and reports
        words = [word for word in (found.get("loss"), *(found.get("sources") or ())) if isinstance(word, str)]
        unknown_before = False
        for word in words:
            if word.startswith("--"):
                unknown_before = True
                continue
            if names_a_function(word):
                return None  # its options come with --set
            try:
                return loss_named(word)
            except UsageFault:
                if not unknown_before and not found.get("help"):
                    raise  # before the parser can complain of options that the right loss may have
        return None


def loss_options_of(context: Any) -> dict[str, Any]:
    """The options of the loss that the command line sets, by name."""
    found: dict[str, Any] = context.meta.get(_WRITTEN, {})
    written = {name: value for name, value in found.items() if value is not None}
    for word in common_of(context).set:
        name, equals, value = word.partition("=")
        name = name.strip().replace("-", "_")
        if not equals or not name:
            raise UsageFault(f"--set {word}: no name and value", "write --set NAME=VALUE")
        if name in written:
            raise UsageFault(f"{name} is set twice", "leave one out")
        written[name] = value
    return written


def _option_of(spec: OptionSpec) -> TyperOption:
    """A loss's option on the command line: `--delta NUMBER  where the square turns into a line; must be …`."""
    flag = spec.type is bool
    name = spec.name.replace("_", "-")
    if spec.option.axes:
        domain = {"c": "one number a class", "u": "broadcast", "u d": "broadcast", "*": "a list"}.get(
            spec.option.axes, "an array"
        )
        metavar, help_text = "SOURCE", f"{spec.option.help}: {domain}, {spec.option.domain.words}."
    elif spec.option.domain.choices:
        own = ("FILE.py:FUNCTION",) if spec.option.domain.own_distance else ()
        metavar = "|".join((*spec.option.domain.choices, *own))
        help_text = f"{spec.option.help}.  [default: {spec.default}]"
    else:
        metavar = "INTEGER" if spec.type is int else "NUMBER"
        default = f"  [default: {str(spec.default).lower() if flag else f'{spec.default:g}'}]"
        help_text = f"{spec.option.help}{'' if flag else f': {spec.option.domain.words}'}.{default}"
    return TyperOption(
        param_decls=[spec.name, f"--{name}/--no-{name}" if flag else f"--{name}"],
        type=None if flag else str,
        default=None,
        is_flag=flag or None,
        metavar=None if flag else metavar,
        help=help_text[0].upper() + help_text[1:],
        expose_value=False,
        callback=_keep,
    )


def _keep(context: Any, parameter: Any, value: Any) -> Any:
    context.meta.setdefault(_WRITTEN, {})[parameter.name] = value
    return value
