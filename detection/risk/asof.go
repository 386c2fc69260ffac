package risk

// AsOfKind says how the moment that a score holds for was chosen.
type AsOfKind string

// The three ways an as-of comes about.
const (
	Asked  AsOfKind = "asked"  // somebody named it
	Now    AsOfKind = "now"    // the risk object has risk events in the last 168 hours, or none at all
	Newest AsOfKind = "newest" // its newest risk event, for it has none later
)

// AsOf is the moment that a risk object's view ends at. asked is nil when
// nobody named one; recent says whether the object has a risk event in the
// period up to now, newest is the second of its newest one, nil when it has
// none.
func AsOf(asked *int64, now int64, recent bool, newest *int64) (int64, AsOfKind) {
	switch {
	case asked != nil:
		return *asked, Asked
	case recent || newest == nil:
		return now, Now
	}
	return *newest, Newest
}
