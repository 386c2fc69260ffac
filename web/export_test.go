package web

// CutSlow cuts clients that take less than a piece in the time given.
var CutSlow = cutSlow
