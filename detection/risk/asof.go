package risk

// AsOfKind says how the moment that a score holds for was chosen.
type AsOfKind string

// The three ways an as-of comes about.
const (
	Asked  AsOfKind = "asked"  // somebody named it
	Now    AsOfKind = "now"    // the risk object has risk events in the last 168 hours, or none at all
	Newest AsOfKind = "newest" // its newest risk event, for it has none in the last 168 hours
)

// AsOf is the moment that a risk object's view ends at. asked is the one that
// somebody named, nil for none; past is the second of the object's newest risk
// event up to now, newest that of its newest one of all, nil where there is
// none.
func AsOf(asked *int64, now int64, past, newest *int64) (int64, AsOfKind) {
	switch {
	case asked != nil:
		return *asked, Asked
	case newest == nil || past != nil && In(*past, now):
		return now, Now
	}
	return *newest, Newest
}
