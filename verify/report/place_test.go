package report

import "testing"

func TestSomePlaces(t *testing.T) {
	six := []Place{{File: "a", Line: 1, Column: 1}, {File: "a", Line: 2, Column: 1}, {File: "b", Line: 3, Column: 1}, {File: "c", Line: 4, Column: 1}, {File: "d", Line: 5, Column: 1}, {File: "e", Line: 6, Column: 1}}
	if got, want := SomePlaces(six[:2]), "a:1, a:2"; got != want {
		t.Errorf("two places: %s, want %s", got, want)
	}
	if got, want := SomePlaces(six), "a:1, a:2, b:3, c:4, d:5 and 1 more"; got != want {
		t.Errorf("six places: %s, want %s", got, want)
	}
}
