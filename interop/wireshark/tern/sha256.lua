-- SPDX-License-Identifier: MIT
-- SHA-256 (FIPS 180-4), HMAC (RFC 2104) and HKDF-Expand-Label (RFC 8446 section 7.1, with Tern's prefix: HS-010). Strings in,
-- strings out.

local bits = ...
local band, bnot, bxor = bits.band, bits.bnot, bits.bxor
local rrotate, rshift = bits.rrotate, bits.rshift
local WORD = 4294967296
local WORDS = ">" .. ("I4"):rep(16)

-- The first 32 bits of the fractional part of a root of each of the first primes: computed, since doubles hold them exactly.
local constants, start = {}, {}
do
    local candidate = 2
    while #constants < 64 do
        local prime = true
        for divisor = 2, candidate - 1 do
            if divisor * divisor > candidate then break end
            if candidate % divisor == 0 then
                prime = false
                break
            end
        end
        if prime then
            local square, cube = candidate ^ (1 / 2), candidate ^ (1 / 3)
            if #start < 8 then start[#start + 1] = math.floor((square % 1) * WORD) end
            constants[#constants + 1] = math.floor((cube % 1) * WORD)
        end
        candidate = candidate + 1
    end
end

local function compress(h, block)
    local w = { Struct.unpack(WORDS, block) }
    for i = 17, 64 do
        local a, b = w[i - 15], w[i - 2]
        local s0 = bxor(rrotate(a, 7), rrotate(a, 18), rshift(a, 3))
        local s1 = bxor(rrotate(b, 17), rrotate(b, 19), rshift(b, 10))
        w[i] = (w[i - 16] + s0 + w[i - 7] + s1) % WORD
    end
    local a, b, c, d, e, f, g, last = h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8]
    for i = 1, 64 do
        local s1 = bxor(rrotate(e, 6), rrotate(e, 11), rrotate(e, 25))
        local t1 = last + s1 + bxor(band(e, f), band(bnot(e), g)) + constants[i] + w[i]
        local s0 = bxor(rrotate(a, 2), rrotate(a, 13), rrotate(a, 22))
        local t2 = s0 + bxor(band(a, b), band(a, c), band(b, c))
        last, g, f, e, d, c, b, a = g, f, e, (d + t1) % WORD, c, b, a, (t1 + t2) % WORD
    end
    h[1], h[2], h[3], h[4] = (h[1] + a) % WORD, (h[2] + b) % WORD, (h[3] + c) % WORD, (h[4] + d) % WORD
    h[5], h[6], h[7], h[8] = (h[5] + e) % WORD, (h[6] + f) % WORD, (h[7] + g) % WORD, (h[8] + last) % WORD
end

local sha256 = {}

function sha256.hash(text)
    local h = {}
    for i = 1, 8 do h[i] = start[i] end
    local padded = text .. "\128" .. ("\0"):rep((55 - #text) % 64) .. Struct.pack(">I4I4", 0, #text * 8)
    for at = 1, #padded, 64 do
        compress(h, padded:sub(at, at + 63))
    end
    return Struct.pack(">I4I4I4I4I4I4I4I4", h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8])
end

local function xored(key, byte)
    local out = { key:byte(1, -1) }
    for i = 1, 64 do out[i] = string.char(bxor(out[i] or 0, byte)) end
    return table.concat(out)
end

-- key: at most 64 bytes
function sha256.hmac(key, text)
    return sha256.hash(xored(key, 0x5c) .. sha256.hash(xored(key, 0x36) .. text))
end

-- HKDF-Extract is hmac(salt, material). n: at most 32
function sha256.expand_label(secret, label, context, n)
    label = "tern1 " .. label
    local info = Struct.pack(">I2", n) .. string.char(#label) .. label .. string.char(#context) .. context
    return sha256.hmac(secret, info .. "\1"):sub(1, n)
end

return sha256
