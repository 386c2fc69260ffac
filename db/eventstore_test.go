package db_test

import (
	"testing"

	"escutcheon/eventstore/eventstoretest"
	"escutcheon/intake"
)

// eventStore is a database as the suite of eventstore sees it.
type eventStore struct{ *house }

func (s eventStore) Begin(r intake.Reading) (intake.Import, error) {
	id, err := s.AddImport(ctx, intake.Import{Name: "log", Zone: r.Zone, Path: "/spool/log"})
	if err != nil {
		return intake.Import{}, err
	}
	i, err := s.StartImport(ctx, id, "", "me")
	i.Format, i.Encoding = r.Format, r.Encoding
	if err == nil {
		err = s.DescribeImport(ctx, i)
	}
	return i, err
}

func (s eventStore) End(i intake.Import) error {
	return s.FinishImport(ctx, i.ID, "me", intake.Done, "")
}

func TestEventStore(t *testing.T) {
	eventstoretest.Run(t, func(t *testing.T) eventstoretest.World { return eventStore{newHouse(t, stats(t))} })
}
