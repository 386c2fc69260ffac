// Package picture draws a scene of simple shapes and texts as an SVG or a PNG that
// stands alone: nothing is loaded, no style sheet is needed. What a scene shows is
// for others to say.
package picture

// Scene is what is drawn, in the order of its items, on white.
type Scene struct {
	Width, Height int
	Title, Desc   string // for those who do not see it
	Items         []Item
}

// Item is a shape or a text. Colours are "#rrggbb"; "" draws nothing.
type Item struct {
	// Path is what is drawn, as SVG path data of M, L, H, V, l, h, v, Z and of a
	// where two arcs make a circle; it is moved by X and Y.
	Path        string
	X, Y        float64
	Fill        string
	Opacity     float64 // of Fill; 0 is 1
	Stroke      string
	StrokeWidth float64
	Dash        float64 // of the stroke, and as long a gap; 0 none

	// Text is written at X, Y, in Fill.
	Text string
	Size float64
	Bold bool
	End  bool // it ends there
}
