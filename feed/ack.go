package feed

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync"

	"escutcheon/intake"
)

// mostChannels is of how many channels it is known which numbers they were given.
const mostChannels = 10_000

// acks numbers what each channel sent. A number is given when what it is for is
// stored, so that each number that was given is acknowledged; of a channel that is not
// known any more none is, and its sender sends again what it cannot be sure of.
type acks struct {
	mu    sync.Mutex
	given map[string]int64
}

// next gives a channel its next number.
func (a *acks) next(channel string) int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.given == nil {
		a.given = map[string]int64{}
	}
	if _, known := a.given[channel]; !known && len(a.given) >= mostChannels {
		for c := range a.given { // any
			delete(a.given, c)
			break
		}
	}
	id := a.given[channel]
	a.given[channel] = id + 1
	return id
}

// was says whether a number was given.
func (a *acks) was(channel string, id int64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return id >= 0 && id < a.given[channel]
}

// mostAcks is about how many numbers may be asked at once.
const mostAcks = 100_000

// ack answers which of the numbers that a channel was given are stored.
func (s *Server) ack(w http.ResponseWriter, r *http.Request) {
	t, err := s.sender(r)
	if err != nil {
		a := hecRefusal(r, err)
		s.refused(nameOf(t), intake.FeedHEC, a.Text)
		a.write(w)
		return
	}
	channel, bad := channelOf(r)
	switch {
	case bad != nil:
		bad.write(w)
		return
	case channel == "":
		hecNoChannel.write(w)
		return
	}
	data, free, err := s.body(w, r)
	defer free()
	var asked struct {
		Acks []int64 `json:"acks"`
	}
	if err == nil {
		err = json.Unmarshal(data, &asked)
	}
	if err != nil || len(asked.Acks) > mostAcks {
		hecFormat.write(w)
		return
	}
	out := make(map[string]bool, len(asked.Acks))
	for _, id := range asked.Acks {
		out[strconv.FormatInt(id, 10)] = s.acks.was(channel, id)
	}
	writeJSON(w, http.StatusOK, map[string]any{"acks": out})
}
