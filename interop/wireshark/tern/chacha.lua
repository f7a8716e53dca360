-- SPDX-License-Identifier: MIT
-- ChaCha20 and Poly1305 (RFC 8439).

local bits = ...
local bxor, lrotate, band, rshift = bits.bxor, bits.lrotate, bits.band, bits.rshift
local WORD = 4294967296
local chacha = {}

local function quarter(s, a, b, c, d)
    local x, y, z, w = s[a], s[b], s[c], s[d]
    x = (x + y) % WORD
    w = lrotate(bxor(w, x), 16)
    z = (z + w) % WORD
    y = lrotate(bxor(y, z), 12)
    x = (x + y) % WORD
    w = lrotate(bxor(w, x), 8)
    z = (z + w) % WORD
    s[a], s[b], s[c], s[d] = x, lrotate(bxor(y, z), 7), z, w
end

-- 64 bytes of key stream, as 16 words. key: 8 words, nonce: 3 words, all little-endian.
function chacha.block(key, counter, n0, n1, n2)
    local start = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, key[1], key[2], key[3], key[4], key[5], key[6], key[7],
        key[8], counter, n0, n1, n2 }
    local s = {}
    for i = 1, 16 do s[i] = start[i] end
    for _ = 1, 10 do
        quarter(s, 1, 5, 9, 13)
        quarter(s, 2, 6, 10, 14)
        quarter(s, 3, 7, 11, 15)
        quarter(s, 4, 8, 12, 16)
        quarter(s, 1, 6, 11, 16)
        quarter(s, 2, 7, 12, 13)
        quarter(s, 3, 8, 9, 14)
        quarter(s, 4, 5, 10, 15)
    end
    for i = 1, 16 do s[i] = (s[i] + start[i]) % WORD end
    return s
end

-- Poly1305 in six limbs of 22 bits: products and their sums stay below 2^53. 2^132 is 20 there.
local LIMB = 4194304

local function limbs(w0, w1, w2, w3, high)
    return {
        w0 % LIMB,
        rshift(w0, 22) + w1 % 4096 * 1024,
        rshift(w1, 12) + w2 % 4 * 1048576,
        rshift(w2, 2) % LIMB,
        rshift(w2, 24) + w3 % 16384 * 256,
        rshift(w3, 14) + high * 262144,
    }
end

-- out = h + c, carried from limb to limb; what is left above the last
local function ripple(out, h, c)
    for i = 1, 6 do
        local v = h[i] + c
        out[i] = v % LIMB
        c = (v - out[i]) / LIMB
    end
    return c
end

local function carry(h)
    local c = ripple(h, h, 0)
    h[1] = h[1] + c * 20
    c = (h[1] - h[1] % LIMB) / LIMB
    h[1] = h[1] % LIMB
    h[2] = h[2] + c
end

-- h, carried, modulo 2^130 - 5
local function reduced(h)
    for _ = 1, 2 do
        local c = ripple(h, h, 0)
        local top = (h[6] - h[6] % 1048576) / 1048576 + c * 4 -- what stands above 2^130
        h[6] = h[6] % 1048576
        h[1] = h[1] + top * 5
    end
    local less = {}
    ripple(less, h, 5) -- plus 5: at 2^130 or above exactly when h is not below the prime
    if less[6] >= 1048576 then
        less[6] = less[6] - 1048576
        return less
    end
    ripple(h, h, 0)
    return h
end

-- key: 8 words of the block with counter 0. text: a multiple of 16 bytes. The tag, 16 bytes.
function chacha.poly1305(key, text)
    local r = limbs(band(key[1], 0x0fffffff), band(key[2], 0x0ffffffc), band(key[3], 0x0ffffffc), band(key[4], 0x0ffffffc), 0)
    local h = { 0, 0, 0, 0, 0, 0 }
    for at = 1, #text, 16 do
        local w0, w1, w2, w3 = Struct.unpack("<I4I4I4I4", text, at)
        local m, product = limbs(w0, w1, w2, w3, 1), {}
        for i = 1, 6 do h[i] = h[i] + m[i] end
        for i = 1, 6 do
            local sum = 0
            for j = 1, 6 do
                local k = i - j + 1
                if k >= 1 then
                    sum = sum + h[j] * r[k]
                else
                    sum = sum + 20 * (h[j] * r[k + 6])
                end
            end
            product[i] = sum
        end
        h = product
        carry(h)
    end
    h = reduced(h)
    local words = {
        h[1] + h[2] % 1024 * LIMB,
        rshift(h[2], 10) + h[3] % 1048576 * 4096,
        rshift(h[3], 20) + h[4] * 4 + h[5] % 256 * 16777216,
        rshift(h[5], 8) + h[6] % 262144 * 16384,
    }
    local c = 0
    for i = 1, 4 do
        local v = words[i] + key[4 + i] + c
        words[i] = v % WORD
        c = (v - words[i]) / WORD
    end
    return Struct.pack("<I4I4I4I4", words[1], words[2], words[3], words[4])
end

return chacha
