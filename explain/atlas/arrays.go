package atlas

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
)

// about is what the scripts are told of the arrays, as JSON.
type about struct {
	Items    int         `json:"items"`
	Noun     string      `json:"noun"`  // of one item
	Nouns    string      `json:"nouns"` // of several
	Width    int         `json:"width"` // of the map, in the units of places
	Height   int         `json:"height"`
	Tile     int         `json:"tile"`
	PerSheet int         `json:"perSheet"`
	Overview int         `json:"overview"` // items in the overview
	Near     int         `json:"near"`     // neighbours of an item
	Kinds    []kindsHead `json:"kinds"`
	Scores   []scoreHead `json:"scores"`
}

type kindsHead struct {
	Name  string   `json:"name"`
	Names []string `json:"names"`
}

// scoreHead has the least and the largest score.
type scoreHead struct {
	Name string  `json:"name"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// array writes numbers, little-endian, as a compressed element of the page.
func array(w io.Writer, id string, values any) error {
	return compressed(w, id, func(w io.Writer) error { return binary.Write(w, binary.LittleEndian, values) })
}

func compressed(w io.Writer, id string, write func(io.Writer) error) error {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := write(z); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return script(w, id, b.Bytes())
}

// arrays writes what the page knows of items, in their order on the curve.
func (p *page) arrays(w io.Writer) error {
	m, o := p.m, p.order
	n := len(o.items)
	ids := make([]string, n)
	place := make([]int, n) // of each item, on the curve
	for k, i := range o.items {
		var err error
		if ids[k], err = m.Items.ID(i); err != nil {
			return err
		}
		place[i] = k
	}
	if err := array(w, "places", o.at); err != nil {
		return err
	}
	if err := array(w, "ranked", o.ranked); err != nil {
		return err
	}
	if err := compressed(w, "ids", func(w io.Writer) error { return json.NewEncoder(w).Encode(ids) }); err != nil {
		return err
	}
	// A neighbour is its place on the curve, twice, and 1 more for a flip; −1 for none. Cosines are in hundredths.
	near, cosines := make([]int32, n*p.about.Near), make([]int8, n*p.about.Near)
	for k, i := range o.items {
		for r := range p.about.Near {
			at := k*p.about.Near + r
			if near[at] = -1; r < len(m.Near[i]) {
				to := m.Near[i][r]
				near[at], cosines[at] = int32(2*place[to.Index]), int8(math.Round(100*float64(to.Cosine)))
				if to.Flip {
					near[at]++
				}
			}
		}
	}
	if err := array(w, "near", near); err != nil {
		return err
	}
	if err := array(w, "cosines", cosines); err != nil {
		return err
	}
	for c, kinds := range m.Kinds {
		of := make([]int32, n)
		for k, i := range o.items {
			of[k] = int32(kinds.Of[i])
		}
		if err := array(w, nth("kinds", c), of); err != nil {
			return err
		}
	}
	for c, scores := range m.Scores {
		of := make([]float32, n)
		for k, i := range o.items {
			of[k] = float32(scores.Of[i])
		}
		if err := array(w, nth("scores", c), of); err != nil {
			return err
		}
	}
	return nil
}
