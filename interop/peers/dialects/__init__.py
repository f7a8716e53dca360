# SPDX-License-Identifier: MIT
"""The dialects' peers: in each folder a codec that knows no state, a client and a server that know no socket."""
