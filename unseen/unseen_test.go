package unseen_test

import (
	"testing"

	"escutcheon/unseen"
)

func TestRune(t *testing.T) {
	for _, r := range "\x00\t\n\r\x1b\x7f\u0085\u00a0\u00ad\u034f\u061c\u115f\u180e\u200b\u200d\u200e\u2028\u2029\u202e" +
		"\u2060\u2066\u2800\u3000\u3164\ufe0f\ufeff\uffa0\U000e0001\U000e0100\ue000\uffff" {
		if !unseen.Rune(r) {
			t.Errorf("%U is seen", r)
		}
	}
	for _, r := range " ~aäж日═␀＝\ufffd\u0301😀" {
		if unseen.Rune(r) {
			t.Errorf("%U is not seen", r)
		}
	}
}
