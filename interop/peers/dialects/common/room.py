# SPDX-License-Identifier: MIT
"""How a room speaks where a dialect leaves the words open: a line of text for a message, for who comes and who goes."""
from .node import printable

#= DIA-030


def said(name, text):
    return f"{name}> {printable(text)}"


def joined(name):
    return f"* {name} joined"


def left(name):
    return f"* {name} left"
