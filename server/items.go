package server

import (
	"context"
	"net/http"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
)

// indexAnswer is what an index is.
type indexAnswer struct {
	Index   string   `json:"index"`
	Items   int      `json:"items"`
	Values  int      `json:"values"` // of an embedding
	Shape   string   `json:"shape"`  // that images are brought to
	Classes []string `json:"classes"`
}

func (s *Index) about(*http.Request) (any, error) {
	return indexAnswer{s.o.Name, s.x.Len(), s.x.Dim(), s.x.Shape().String(), append([]string{}, s.x.Classes()...)}, nil
}

// itemAnswer is an item, with the sides of its image in pixels.
type itemAnswer struct {
	ID     string `json:"id"`
	Label  string `json:"label,omitempty"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

func (s *Index) itemOf(i int) (itemAnswer, error) {
	item, err := s.x.Item(i)
	return itemAnswer{item.ID, item.Label, item.Width, item.Height}, err
}

// ids finds items by their ids: a table that is made once, by who asks first.
func (s *Index) ids(ctx context.Context) (*answers.Numbers, error) {
	if n := s.numbers.Load(); n != nil {
		return n, nil
	}
	if err := s.naming.enter(ctx); err != nil {
		return nil, err
	}
	defer s.naming.leave()
	if n := s.numbers.Load(); n != nil { // made by who was before
		return n, nil
	}
	n, err := answers.NumbersOf(ctx, s.x)
	if err == nil {
		s.numbers.Store(n)
	}
	return n, err
}

// numberOf is the number of the item of an id, -1 if there is none.
func (s *Index) numberOf(ctx context.Context, id string) (int, error) {
	items, err := s.ids(ctx)
	if err != nil {
		return -1, err
	}
	return items.Of(id)
}

// number is the number of the item that the request's path names.
func (s *Index) number(r *http.Request) (int, error) {
	id := r.PathValue("item")
	i, err := s.numberOf(r.Context(), id)
	if err == nil && i < 0 {
		err = notFound("no item %q: want the id of an item, as a part of an address (/ is %%2F)", id)
	}
	return i, err
}

func (s *Index) item(r *http.Request) (any, error) {
	i, err := s.number(r)
	if err != nil {
		return nil, err
	}
	return s.itemOf(i)
}

// itemsAnswer is some items, in the order of the index.
type itemsAnswer struct {
	Total int          `json:"total"`
	Items []itemAnswer `json:"items"`
}

// itemsMost bounds the items of an answer that lists some.
const itemsMost = 1000

func (s *Index) list(r *http.Request) (any, error) {
	from, err := between(r, "from", 0, s.x.Len(), 0)
	if err != nil {
		return nil, err
	}
	count, err := between(r, "count", 1, itemsMost, 60)
	if err != nil {
		return nil, err
	}
	a := itemsAnswer{Total: s.x.Len(), Items: []itemAnswer{}}
	for i := from; i < min(from+count, s.x.Len()); i++ {
		item, err := s.itemOf(i)
		if err != nil {
			return nil, err
		}
		a.Items = append(a.Items, item)
	}
	return a, nil
}

// nearK is how many items are found near an image where it is not said.
const nearK = 10

// near searches for the items near an embedding.
func (s *Index) near(r *http.Request, q answers.Query, row []float32, self int) (any, error) {
	k, err := between(r, "k", 1, neighboursMost, nearK)
	if err != nil {
		return nil, err
	}
	found := &answers.Search{Index: s.o.Name, Items: s.x.Len()}
	err = found.Add(r.Context(), s.x, q, row, self, k)
	return found, err
}

func (s *Index) neighbours(r *http.Request) (any, error) {
	i, err := s.number(r)
	if err != nil {
		return nil, err
	}
	row, err := answers.Row(r.Context(), s.x, i)
	if err != nil {
		return nil, err
	}
	return s.near(r, answers.Query{Image: r.PathValue("item")}, row, i)
}

// search searches for the image in the body, or a part of it.
func (s *Index) search(w http.ResponseWriter, r *http.Request) {
	if _, err := between(r, "k", 1, neighboursMost, nearK); err != nil { // before the body is read
		refuse(w, err)
		return
	}
	q := answers.Query{Image: "upload"}
	var row []float32
	err := s.received(w, r, func(file []byte, _ dataset.Shape) (err error) {
		row, err = s.embed(r, &q, file)
		return err
	})
	if err != nil {
		refuse(w, err)
		return
	}
	s.answer(func(r *http.Request) (any, error) { return s.near(r, q, row, -1) })(w, r)
}

// embed is the embedding of an uploaded image, or of the part that is asked for. It is called by who has the place to
// decode.
func (s *Index) embed(r *http.Request, q *answers.Query, file []byte) ([]float32, error) {
	ctx := r.Context()
	pix, err := s.pixels(ctx, query(r, "crop"), q, file)
	if err != nil {
		return nil, err
	}
	return s.embedPixels(ctx, pix)
}

// embedPixels is the embedding of a query, by all its patches. It is called by who has the place to decode.
func (s *Index) embedPixels(ctx context.Context, pix []uint8) ([]float32, error) {
	models, err := s.ensemble()
	if err != nil {
		return nil, err
	}
	return answers.Embed(ctx, models.Whole(), s.x.Shape(), pix)
}

// ensemble is the models of the index. It is called by who has the place to decode.
func (s *Index) ensemble() (models *smt.Ensemble, err error) {
	if s.models == nil {
		s.models, err = s.x.Models()
	}
	return s.models, err
}

// pixels are those of an uploaded image, or of a part of it, as the index has them.
func (s *Index) pixels(ctx context.Context, crop string, q *answers.Query, file []byte) ([]uint8, error) {
	p, err := pictureIn(ctx, file, s.x.Depth())
	if err != nil {
		return nil, err
	}
	if crop == "" {
		return p.Pixels(s.x.Shape()), nil
	}
	whole := draw.Photo(explain.Image{Shape: p.Shape(), Pix: p.Pixels(p.Shape())})
	box, err := part(crop, whole.Rect)
	if err != nil {
		return nil, err
	}
	q.Crop = &[4]int{box.Min.X, box.Min.Y, box.Dx(), box.Dy()}
	return dataset.FromImage(whole.SubImage(box), s.x.Shape()), nil
}
