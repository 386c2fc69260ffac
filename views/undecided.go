package views

import "strings"

// mostUndecided is how far what is not decided is counted: store.MostUndecided.
const mostUndecided = 10_000

// upTo is a number that was counted so far only.
func upTo(n int64) string {
	if n > mostUndecided {
		return "more than " + Num(mostUndecided)
	}
	return Num(n)
}

// many is upTo with its noun.
func many(n int64, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return upTo(n) + " " + several
}

// count is how much is not decided, what is yet to be made apart.
func (u Undecided) count() int64 { return u.Events + u.Rows + u.Filter + u.Windows + u.Cut + u.Damaged }

func (u Undecided) events() string {
	return many(u.Events, "event is", "events are") +
		" not decided: the search takes more for each than it may. Whether it matches is not known: they are in no finding."
}

// lines say what is not decided, a sentence or two for each kind.
func (u Undecided) lines() (out []string) {
	if u.Events > 0 {
		out = append(out, u.events())
	}
	if u.Rows > 0 {
		out = append(out, many(u.Rows, "row is", "rows are")+
			" not decided: the search takes more for it than it may. What is not known is no finding.")
	}
	if u.Filter > 0 {
		out = append(out, many(u.Filter, "finding is", "findings are")+
			" not decided by the filter, which takes more for each than it may. They are shown, and have their risk.")
	}
	if u.Windows > 0 {
		out = append(out, "What runs tell over "+many(u.Windows, "window", "windows")+
			" of findings is not decided: the search or its filter takes more for it than it may.")
	}
	if u.Cut > 0 {
		out = append(out, "Of what runs find over "+many(u.Cut, "window", "windows")+
			" some is missing: a subsearch gave more rows than it may (10,000, in join 50,000), ran for more than 60 "+
			"seconds, or rows took more than they may. What was found counts.")
	}
	if u.Damaged > 0 {
		out = append(out, "Up to "+many(u.Damaged, "record", "records")+" could not be read when it was run over them: the "+
			"stored events are damaged there, as \"escutcheon check\" says. Whether they match is not known.")
	}
	if u.Pending > 0 {
		out = append(out, many(u.Pending, "row is", "rows are")+
			" pending: they are made in the background, and are as they were or without the filter till then.")
	}
	return out
}

func (u Undecided) title() string { return strings.Join(u.lines(), " ") }

// then is what an import waits for where no rule runs.
func then(safe bool) string {
	if safe {
		return " then"
	}
	return ""
}
