// Package viewerlabel knows what Event Viewer calls the parts of an event, in
// the languages that Windows is most often met in: the column names of its CSV
// and the labels of its copied text. It reads no log.
package viewerlabel

import "strings"

// Part is a part of an event that Event Viewer names.
type Part int

// The parts.
const (
	None Part = iota
	Log
	Source
	Time
	EventID
	Task
	Level
	Keywords
	User
	Computer
	Description
	XML
	OpCode
	RecordID
	ProcessID
	ThreadID
	Correlation
)

// names are in English, German, French, Spanish, Italian, Portuguese and
// Dutch, and then as wevtutil and older Windows have them; in lower case.
var names = map[Part][]string{
	Log: {"log name", "log", "protokollname", "protokoll", "nom du journal", "journal", "nombre de registro", "registro",
		"nome registro", "nome do log", "logboeknaam", "logboek"},
	Source: {"source", "quelle", "origen", "origine", "fonte", "origem", "bron"},
	Time: {"date and time", "datum und uhrzeit", "date et heure", "fecha y hora", "data e ora", "data e hora",
		"datum en tijd",
		"date", "datum", "fecha", "data", "dateandtime"},
	EventID: {"event id", "ereignis-id", "id de l'événement", "id de l’événement", "id. del evento", "id. de evento",
		"id del evento",
		"id evento", "identificação do evento", "id do evento", "identificação de evento", "gebeurtenis-id", "eventid"},
	Task: {"task category", "task", "aufgabenkategorie", "catégorie de la tâche", "catégorie de tâche",
		"categoría de la tarea",
		"categoría de tarea", "categoria attività", "categoria da tarefa", "categoria de tarefa", "taakcategorie",
		"taskcategory"},
	Level: {"level", "ebene", "niveau", "nivel", "livello", "nível"},
	Keywords: {"keywords", "keyword", "schlüsselwörter", "mots clés", "mots-clés", "palabras clave", "parole chiave",
		"palavras-chave", "palavras chave", "trefwoorden"},
	User:        {"user", "benutzer", "utilisateur", "usuario", "utente", "usuário", "utilizador", "gebruiker"},
	Computer:    {"computer", "ordinateur", "equipo", "computador"},
	Description: {"description", "beschreibung", "descripción", "descrizione", "descrição", "beschrijving"},
	XML: {"event xml", "ereignis-xml", "xml de l'événement", "xml de l’événement", "xml de evento", "xml del evento",
		"xml evento",
		"xml do evento", "xml de evento", "gebeurtenis-xml"},
	OpCode:      {"opcode", "operational code", "vorgangscode", "opcode name"},
	RecordID:    {"event record id", "record id", "event record number"},
	ProcessID:   {"process id", "prozess-id"},
	ThreadID:    {"thread id", "thread-id"},
	Correlation: {"correlation id", "korrelations-id"},
}

var parts = func() map[string]Part {
	m := map[string]Part{}
	for p, all := range names {
		for _, n := range all {
			m[n] = p
		}
	}
	return m
}()

// mostName is longer than any name, in bytes.
const mostName = 64

// Lookup is the part that name names, in whatever case; None if it names none.
func Lookup(name string) Part {
	if len(name) > mostName {
		return None
	}
	if p, ok := parts[name]; ok {
		return p
	}
	return parts[strings.ToLower(strings.Trim(name, " \t\u00a0\u202f"))]
}
