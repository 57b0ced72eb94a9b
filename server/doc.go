// Package server shows the inside of a model in a browser: an HTTP API over
// package explain, and a page that uses it, both embedded in the program.
//
// All paths answer GET, and JSON unless they end in .png. What goes wrong is
// {"error": "…"} with status 4xx if it is the request's fault. Atoms, patches and
// images are numbered from 0, patches by rows. An image is named test-N, bank-N,
// bank-N-flip (the flip of one) or upload-X.
//
//	/api/model                    the model, the images, the protocol
//	/api/atoms.png                all atoms, model.patch pixels a side, model.columns in a row
//	/api/atoms/{atom}             an atom: usage, mirror, nearest atoms and patches
//	/api/map                      places of the atoms most in use
//	/api/images?from=&count=      the test images
//	POST /api/images              upload: the body is an image file of at most 16 MiB and
//	                              40 megapixels, in a format that dataset.Open knows
//	/api/images/{image}           an image: class, sides, codes
//	…/pixels.png                  the image at the model's size
//	…/picture.png                 the picture that crops are of: an upload of at most 640 pixels
//	…/neighbours?k=&crop=         nearest images of the bank, and their votes
//	…/patches/{patch}             a patch: active atoms, nearest patches of the bank and atoms
//	…/patches/{patch}/tile.png    the patch framed in what is around it
//	…/patches/{patch}/threshold?t=  its code at another threshold, 0.05 to 0.95
//	/api/pairs/{a}/{b}            why two images are similar: the splits of their cosine
//	/api/pairs/{a}/{b}/heat.png?side=a|b&with=   what pixels add, in all or with a patch
//	                              of the other image
//
// crop, which pixels.png takes too, is x,y,width,height in pixels of the picture.
// The part is brought to the model's size as dataset.FromImage does, which crops it
// about its centre where it has another aspect.
//
// Neighbours of patches come as {"signal": […], "code": […], "embedding": […]},
// the nearest first in each space, with their cosines and ranks in all three.
// The fields of each answer are those of the type it is named after: modelAnswer,
// imageAnswer, patchAnswer, thresholdAnswer, searchAnswer, pairAnswer, mapAnswer
// and atomAnswer.
package server
