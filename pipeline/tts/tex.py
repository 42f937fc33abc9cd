"""Turns the TeX that models write maths in into the signs that every reader of figures knows: \\frac{1}{2} is 1/2."""

import re

_SIGNS = {
    **dict.fromkeys(("times", "cdot", "ast"), "×"),
    **dict.fromkeys(("leq", "le", "leqslant"), "≤"),
    **dict.fromkeys(("geq", "ge", "geqslant"), "≥"),
    **dict.fromkeys(("neq", "ne"), "≠"),
    **dict.fromkeys(("approx", "sim", "simeq"), "≈"),
    **dict.fromkeys(("to", "rightarrow", "Rightarrow", "longrightarrow", "implies"), "→"),
    **dict.fromkeys(("circ", "degree"), "°"),
    **dict.fromkeys(("ldots", "dots", "cdots"), "…"),
    **dict.fromkeys(("left", "right", "big", "Big", "displaystyle", "limits"), ""),
    **dict.fromkeys(("quad", "qquad"), " "),
    "div": "÷",
    "pm": "±",
    "infty": "∞",
    "sqrt": "√",
}
"""Greek letters and functions are missing: \\pi is said as it is called."""

_SPAN = re.compile(r"\$\$(.{1,500}?)\$\$|(?<![\w$\\])\$(?=\S)([^$\n]{1,200}?)(?<=[^\s\\])\$(?![0-9$])", re.DOTALL)
_OF_SUMS = re.compile(r"[\\^_{}=<>]")
_BRACKET = re.compile(r"\\[()\[\]]|\\[,;]")
_NAMED = re.compile(r"\\(?:text|textbf|textit|mathrm|mathbf|mathit|operatorname|boxed|overline|vec|hat)\{([^{}]*)\}")
_FRACTION = re.compile(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}")
_ROOT = re.compile(r"√\{([^{}]*)\}")
_RAISED = re.compile(r"([\^_])\{([^{}]*)\}")
_COMMAND = re.compile(rf"\\({'|'.join(_SIGNS)})(?![A-Za-z])")


def without_tex(text: str) -> str:
    """`text` with signs for TeX's commands, and without the dollars around its maths; a price keeps its dollar."""
    if "$" in text:
        text = _SPAN.sub(_unwrapped, text)
    return _with_signs(text) if "\\" in text else text


def _unwrapped(match: "re.Match[str]") -> str:
    inside = match[1] or match[2]
    if match[1] or _OF_SUMS.search(inside) or not any(char.isspace() for char in inside):
        return _with_signs(inside)
    return match[0]


def _with_signs(text: str) -> str:
    text, before = _COMMAND.sub(lambda match: _SIGNS[match[1]], text), ""
    while before != text:  # from the innermost braces outwards
        before = text
        text = _FRACTION.sub(_fraction, _ROOT.sub(r"√\1", _RAISED.sub(r"\1\2", _NAMED.sub(r"\1", text))))
    return _BRACKET.sub(" ", text).replace("^°", "°")


def _fraction(match: "re.Match[str]") -> str:
    top, bottom = match.groups()
    return f" {top}/{bottom} " if top.isdigit() and bottom.isdigit() else f" {top} ÷ {bottom} "
