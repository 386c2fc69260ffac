// Package consoletest serves the console to tests: a real server on a loopback
// port over a fresh database file, with the real import queue, the logs that it
// is fed and what its pages are asked. Tests of pages (handlers) and of the
// server (web) share it; nothing else imports it.
package consoletest
