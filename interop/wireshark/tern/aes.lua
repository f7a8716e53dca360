-- SPDX-License-Identifier: MIT
-- AES-256 in one direction (FIPS 197) and GHASH (NIST SP 800-38D), by tables: what is looked into here is no secret to who looks.

local bits = ...
local bxor, extract, rshift, lrotate = bits.bxor, bits.extract, bits.rshift, bits.lrotate
local aes = {}

-- ---- tables

local sbox, t0, t1, t2, t3 = {}, {}, {}, {}, {}

local function double(x)
    x = x * 2
    return x < 256 and x or bxor(x - 256, 0x1b)
end

do
    local exp, log, x = {}, {}, 1
    for i = 0, 254 do -- powers of the generator 3
        exp[i], log[x] = x, i
        x = bxor(x, double(x))
    end
    for i = 0, 255 do
        local inverse = i == 0 and 0 or exp[(255 - log[i]) % 255]
        local s = inverse
        for turn = 1, 4 do -- rotations within a byte
            local turned = inverse * 2 ^ turn
            s = bxor(s, turned % 256 + (turned - turned % 256) / 256)
        end
        s = bxor(s, 0x63)
        sbox[i] = s
        local two = double(s)
        t0[i] = two * 16777216 + s * 65536 + s * 256 + bxor(two, s)
        t1[i], t2[i], t3[i] = lrotate(t0[i], 24), lrotate(t0[i], 16), lrotate(t0[i], 8)
    end
end

-- ---- AES

local function substituted(w)
    return sbox[extract(w, 24, 8)] * 16777216 + sbox[extract(w, 16, 8)] * 65536 + sbox[extract(w, 8, 8)] * 256 +
        sbox[extract(w, 0, 8)]
end

-- The 60 words of a key of 32 bytes.
function aes.schedule(key)
    local w, round = { Struct.unpack(">I4I4I4I4I4I4I4I4", key) }, 1
    w[9] = nil -- Struct tells where it stopped
    for i = 9, 60 do
        local t = w[i - 1]
        if i % 8 == 1 then
            t = bxor(substituted(lrotate(t, 8)), round * 16777216)
            round = double(round)
        elseif i % 8 == 5 then
            t = substituted(t)
        end
        w[i] = bxor(w[i - 8], t)
    end
    return w
end

local function last(p, q, r, s, k)
    return bxor(sbox[rshift(p, 24)] * 16777216 + sbox[extract(q, 16, 8)] * 65536 + sbox[extract(r, 8, 8)] * 256 +
        sbox[extract(s, 0, 8)], k)
end

-- One block, as four words.
function aes.encrypt(w, a, b, c, d)
    a, b, c, d = bxor(a, w[1]), bxor(b, w[2]), bxor(c, w[3]), bxor(d, w[4])
    for i = 5, 56, 4 do
        a, b, c, d =
            bxor(t0[rshift(a, 24)], t1[extract(b, 16, 8)], t2[extract(c, 8, 8)], t3[extract(d, 0, 8)], w[i]),
            bxor(t0[rshift(b, 24)], t1[extract(c, 16, 8)], t2[extract(d, 8, 8)], t3[extract(a, 0, 8)], w[i + 1]),
            bxor(t0[rshift(c, 24)], t1[extract(d, 16, 8)], t2[extract(a, 8, 8)], t3[extract(b, 0, 8)], w[i + 2]),
            bxor(t0[rshift(d, 24)], t1[extract(a, 16, 8)], t2[extract(b, 8, 8)], t3[extract(c, 0, 8)], w[i + 3])
    end
    return last(a, b, c, d, w[57]), last(b, c, d, a, w[58]), last(c, d, a, b, w[59]), last(d, a, b, c, w[60])
end

-- ---- GHASH

-- For each of a block's 16 bytes and each value of it, that part of the product with H: four words. It takes 256 KiB, so it
-- is made only for keys whose packets are verified.
function aes.ghash_table(h0, h1, h2, h3)
    local parts = {}
    for at = 1, 16 do
        local p = { {}, {}, {}, {} }
        for j = 1, 4 do p[j][0] = 0 end
        local bit = 128
        while bit >= 1 do
            p[1][bit], p[2][bit], p[3][bit], p[4][bit] = h0, h1, h2, h3
            local out = h3 % 2 -- times x: a shift to the right, with the polynomial
            h3 = rshift(h3, 1) + h2 % 2 * 2147483648
            h2 = rshift(h2, 1) + h1 % 2 * 2147483648
            h1 = rshift(h1, 1) + h0 % 2 * 2147483648
            h0 = rshift(h0, 1)
            if out == 1 then h0 = bxor(h0, 0xe1000000) end
            bit = bit == 1 and 0 or rshift(bit, 1)
        end
        local high = 1
        for value = 1, 255 do
            if value == high * 2 then high = value end
            if value ~= high then
                for j = 1, 4 do p[j][value] = bxor(p[j][high], p[j][value - high]) end
            end
        end
        parts[at] = p
    end
    return parts
end

-- The hash of text, a multiple of 16 bytes, as four words.
function aes.ghash(parts, text)
    local y0, y1, y2, y3 = 0, 0, 0, 0
    local index, rows = {}, {}
    for at = 1, #text, 16 do
        local x0, x1, x2, x3 = Struct.unpack(">I4I4I4I4", text, at)
        y0, y1, y2, y3 = bxor(y0, x0), bxor(y1, x1), bxor(y2, x2), bxor(y3, x3)
        for i = 1, 4 do
            local shift = 32 - 8 * i
            index[i], index[4 + i] = extract(y0, shift, 8), extract(y1, shift, 8)
            index[8 + i], index[12 + i] = extract(y2, shift, 8), extract(y3, shift, 8)
        end
        for j = 1, 4 do
            local sum = 0
            for i = 1, 16, 4 do
                sum = bxor(sum, parts[i][j][index[i]], parts[i + 1][j][index[i + 1]], parts[i + 2][j][index[i + 2]],
                    parts[i + 3][j][index[i + 3]])
            end
            rows[j] = sum
        end
        y0, y1, y2, y3 = rows[1], rows[2], rows[3], rows[4]
    end
    return y0, y1, y2, y3
end

return aes
