package fax

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"golang.org/x/image/ccitt"
	"pgregory.net/rapid"
)

// packed are bits as text in bytes, filled with zeros.
func packed(text string) []byte {
	text += strings.Repeat("0", (8-len(text)%8)%8)
	b := make([]byte, len(text)/8)
	for i, bit := range text {
		b[i/8] |= byte(bit-'0') << (7 - i%8)
	}
	return b
}

// runCode is the code of a run of a colour.
func runCode(run, colour int) string {
	codes := strings.Fields([]string{white, black}[colour] + " " + long)
	text := ""
	for ; run >= 64; run -= min(run/64*64, 2560) {
		text += codes[63+min(run/64, 40)]
	}
	return text + codes[run]
}

// next is the first pixel from x on that is not of the colour, the white one before the line among them.
func next(row []byte, x int, colour byte) int {
	for x < len(row) && row[x] == colour {
		x++
	}
	return x
}

// runsText codes a line by itself.
func runsText(row []byte) string {
	text, x := "", 0
	for colour := 0; x < len(row); colour = 1 - colour {
		end := next(row, x, byte(255*colour))
		text += runCode(end-x, colour)
		x = end
	}
	return text
}

// belowText codes a line by the one above, as T.6 says in figure 7 and T.4 in 4.2.1.3.
func belowText(row, above []byte) string {
	text := ""
	for x, colour := -1, byte(0); x < len(row); {
		from := max(x, 0)
		a1 := next(row, from, colour)
		// b1: a change above to the other colour, right of x.
		b1 := x + 1
		for b1 < len(row) && !(above[b1] != colour && (b1 == 0 && colour == 0 || b1 > 0 && above[b1-1] == colour)) {
			b1++
		}
		b2 := next(above, b1, 255-colour)
		switch d := a1 - b1; {
		case b2 < a1:
			text += "0001"
			x = b2
		case d >= -3 && d <= 3:
			text += []string{"0000010", "000010", "010", "1", "011", "000011", "0000011"}[d+3]
			x, colour = a1, 255-colour
		default:
			a2 := next(row, a1, 255-colour)
			text += "001" + runCode(a1-from, int(colour/255)) + runCode(a2-a1, int(1-colour/255))
			x = a2
		}
	}
	return text
}

// drawRows are lines of runs, each like the one above or not.
func drawRows(r *rapid.T) (rows [][]byte, width int) {
	width = rapid.OneOf(rapid.IntRange(1, 40), rapid.IntRange(1, 6000)).Draw(r, "width")
	for y := range rapid.IntRange(1, 6).Draw(r, "height") {
		row := make([]byte, width)
		if y > 0 && rapid.Bool().Draw(r, "like the one above") {
			shift := rapid.IntRange(0, 5).Draw(r, "shift")
			copy(row[min(shift, width):], rows[y-1])
			for range rapid.IntRange(0, 3).Draw(r, "changed") {
				row[rapid.IntRange(0, width-1).Draw(r, "at")] ^= 255
			}
		} else {
			colour := byte(255 * rapid.IntRange(0, 1).Draw(r, "colour"))
			for x := 0; x < width; colour = 255 - colour {
				for range rapid.OneOf(rapid.IntRange(1, 9), rapid.IntRange(1, 3000)).Draw(r, "run") {
					if x < width {
						row[x] = colour
						x++
					}
				}
			}
		}
		rows = append(rows, row)
	}
	return rows, width
}

const endOfLine = "000000000001"

// Lines are those that were coded; golang.org/x/image/ccitt reads the same codes of lines, those of
// runs as one-dimensional group 3 and the others as group 4.
func TestDecode(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		rows, width := drawRows(r)
		above := make([]byte, width)
		mixed, runs, below := "", "", ""
		for _, row := range rows {
			a, b := runsText(row), belowText(row, above)
			runs += endOfLine + a
			below += b
			fill := strings.Repeat("0", rapid.IntRange(0, 9).Draw(r, "fill"))
			if rapid.Bool().Draw(r, "runs") {
				mixed += fill + endOfLine + "1" + a
			} else {
				mixed += fill + endOfLine + "0" + b
			}
			above = row
		}
		want := bytes.Join(rows, nil)
		got := bytes.Repeat([]byte{7}, len(want))
		if err := Decode(packed(mixed), width, true, got); err != nil {
			r.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			r.Fatalf("decoded to %v, want %v", got, want)
		}
		for format, text := range map[ccitt.SubFormat]string{ccitt.Group3: runs + strings.Repeat(endOfLine, 6), ccitt.Group4: below + endOfLine + endOfLine} {
			all, err := io.ReadAll(ccitt.NewReader(bytes.NewReader(packed(text)), ccitt.MSB, format, width, len(rows), nil))
			if err != nil {
				r.Fatal(err)
			}
			for i, v := range want {
				bit := all[i/width*((width+7)/8)+i%width/8] >> (7 - i%width%8) & 1
				if bit == v&1 {
					r.Fatalf("ccitt has another pixel %d in format %v", i, format)
				}
			}
		}
	})
}

// What is damaged is refused.
func TestDamaged(t *testing.T) {
	for says, text := range map[string]string{
		"line 0: unexpected EOF":                          "",
		"line 0: no end of the line before":               "0000000001" + "1" + runCode(10, 0),
		"line 0: a run up to pixel 11 of 10":              endOfLine + "1" + runCode(11, 0),
		"line 0: bits that are no code of a run":          endOfLine + "1" + "00000000000000",
		"line 0: bits that are no code of a mode":         endOfLine + "0" + "0000000",
		"line 0: a change of colour at pixel 11 of 10":    endOfLine + "0" + "011",
		"line 0: a change of colour at pixel 7, after on": endOfLine + "0" + "001" + runCode(8, 0) + runCode(0, 1) + "010" + "0000010",
		"line 1: unexpected EOF":                          endOfLine + "0" + "1",
		"line 1: a change of colour at pixel -1":          endOfLine + "1" + runCode(0, 0) + runCode(10, 1) + endOfLine + "0" + "010",
	} {
		if err := Decode(packed(text), 10, true, make([]byte, 20)); err == nil || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

func FuzzDecode(f *testing.F) {
	row := []byte{0, 255, 255, 0, 0, 0, 255, 0, 0, 0}
	f.Add(packed(endOfLine+"1"+runsText(row)+endOfLine+"0"+belowText(row, row)), uint8(10), uint8(2), true)
	f.Add(packed(endOfLine+"0"+belowText(row, make([]byte, 10))), uint8(10), uint8(1), true)
	f.Add(packed(endOfLine+runsText(row)+"000"+endOfLine+runsText(row)), uint8(10), uint8(2), false)
	f.Fuzz(func(t *testing.T, data []byte, width, height uint8, two bool) {
		pix := make([]byte, int(width)*int(height))
		if width == 0 || Decode(data, int(width), two, pix) != nil {
			return
		}
		for i, v := range pix {
			if v != 0 && v != 255 {
				t.Fatalf("pixel %d is %d", i, v)
			}
		}
	})
}
