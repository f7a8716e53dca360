# SPDX-License-Identifier: MIT
"""Tern/1, written from spec/ alone."""
