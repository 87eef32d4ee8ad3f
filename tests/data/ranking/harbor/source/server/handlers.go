package server

import (
	"encoding/json"
	"errors"
	"net/http"
)

// Server answers requests of the client over HTTP.
type Server struct {
	table *Timetable
	auth  *Authenticator
}

// postVisit books a visit. 409 tells the client that the berth is taken.
func (s *Server) postVisit(w http.ResponseWriter, r *http.Request) {
	if !s.auth.Allowed(r.Header.Get("Authorization"), "visits:write") {
		http.Error(w, "not allowed", http.StatusForbidden)
		return
	}
	var visit Visit
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&visit); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	switch err := s.table.Insert(visit); {
	case errors.Is(err, ErrOverlap):
		http.Error(w, err.Error(), http.StatusConflict)
	case err != nil:
		http.Error(w, "internal error", http.StatusInternalServerError)
	default:
		w.WriteHeader(http.StatusCreated)
	}
}

// Routes registers every handler of the API.
func (s *Server) Routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /visits", s.postVisit)
}
