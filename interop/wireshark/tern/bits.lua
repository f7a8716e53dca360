-- SPDX-License-Identifier: MIT
-- Operations on words of 32 bits, under one name for the Lua of each Wireshark: 5.2 has a library, later ones operators.

local library = rawget(_G, "bit32")
if library then
    return library
end
return load([[
local MASK <const> = 0xffffffff
local bits = {}
function bits.bxor(first, ...)
    for i = 1, select("#", ...) do first = first ~ (select(i, ...)) end
    return first & MASK
end
function bits.bor(a, b) return a | b end
function bits.band(a, b) return a & b end
function bits.bnot(a) return ~a & MASK end
function bits.rshift(a, n) return a >> n end
function bits.lshift(a, n) return a << n & MASK end
function bits.extract(a, at, width) return a >> at & (1 << width) - 1 end
function bits.lrotate(a, n) return (a << n | a >> 32 - n) & MASK end
function bits.rrotate(a, n) return (a >> n | a << 32 - n) & MASK end
return bits
]])()
