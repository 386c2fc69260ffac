package picture

import (
	"math"
	"strconv"
	"strings"
)

// point is a place.
type point struct{ x, y float64 }

// outline is a line from point to point; a closed one ends where it begins.
type outline struct {
	points []point
	closed bool
}

// pathReader reads path data.
type pathReader struct {
	rest string
	at   point
	out  []outline
}

// outlines are the lines of path data. It ends where it is not understood.
func outlines(data string) []outline {
	r := pathReader{rest: data}
	for {
		r.space()
		if r.rest == "" {
			return r.out
		}
		command := r.rest[0]
		r.rest = r.rest[1:]
		if !r.command(command) {
			return r.out
		}
	}
}

func (r *pathReader) space() {
	for r.rest != "" && (r.rest[0] == ' ' || r.rest[0] == ',') {
		r.rest = r.rest[1:]
	}
}

// numbers reads so many numbers.
func (r *pathReader) numbers(n int) (out [7]float64, ok bool) {
	for i := range n {
		r.space()
		end := 0
		for end < len(r.rest) && (strings.IndexByte("0123456789.", r.rest[end]) >= 0 || r.rest[end] == '-' && end == 0) {
			end++
		}
		f, err := strconv.ParseFloat(r.rest[:end], 64)
		if err != nil {
			return out, false
		}
		out[i], r.rest = f, r.rest[end:]
	}
	return out, true
}

// takes is how many numbers a command takes.
var takes = map[byte]int{'M': 2, 'L': 2, 'l': 2, 'H': 1, 'h': 1, 'V': 1, 'v': 1, 'a': 7, 'Z': 0}

func (r *pathReader) command(c byte) bool {
	n, known := takes[c]
	v, ok := r.numbers(n)
	if !known || !ok || c != 'M' && len(r.out) == 0 {
		return false
	}
	switch c {
	case 'M':
		r.out = append(r.out, outline{})
		r.to(v[0], v[1])
	case 'L':
		r.to(v[0], v[1])
	case 'l':
		r.to(r.at.x+v[0], r.at.y+v[1])
	case 'H':
		r.to(v[0], r.at.y)
	case 'h':
		r.to(r.at.x+v[0], r.at.y)
	case 'V':
		r.to(r.at.x, v[0])
	case 'v':
		r.to(r.at.x, r.at.y+v[0])
	case 'a':
		r.arc(v[5])
	case 'Z':
		last := &r.out[len(r.out)-1]
		last.closed, r.at = true, last.points[0]
	}
	return true
}

func (r *pathReader) to(x, y float64) {
	last := &r.out[len(r.out)-1]
	r.at = point{x, y}
	last.points = append(last.points, r.at)
}

// arc is half of a circle: to the right below, to the left above.
func (r *pathReader) arc(across float64) {
	const parts = 16
	radius, from := across/2, r.at
	for i := 1; i <= parts; i++ {
		angle := math.Pi * float64(i) / parts
		r.to(from.x+radius-radius*math.Cos(angle), from.y+radius*math.Sin(angle))
	}
}
