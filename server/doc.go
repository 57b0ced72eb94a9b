// Package server shows the inside of a model in a browser: an HTTP API over
// package explain, and a page that uses it, both embedded in the program.
//
// All paths answer GET, and JSON unless they end in .png or .html. What goes wrong is
// {"error": "…"} with status 4xx if it is the request's fault. Atoms, patches and
// images are numbered from 0, patches by rows. An image is named test-N, bank-N,
// bank-N-flip (the flip of one) or upload-X; test-N are the images to choose from,
// whatever split of the data they are of: see origin of the model's answer. The item of an
// image is what its source calls it, as dataset.Source's ID: a path inside a folder, or
// FILE#INDEX with an index from 0. An upload has none.
//
//	/api/status                   how far the preparations are
//	/api/model                    the model, the images, the protocol
//	/api/atoms.png                all atoms, model.patch pixels a side, model.columns in a row
//	/api/atoms/{atom}             an atom: usage, mirror, nearest atoms and patches
//	/api/map                      places of the atoms most in use
//	/api/map.html                 the map of them, a page (package explain/atlas):
//	                              ?layout=, near or spectral
//	/api/images                   the images to choose from: ?from=&count=
//	POST /api/images              upload: the body is an image file, see below
//	/api/images/{image}           an image: class, sides, codes
//	/api/images/{image}/pixels.png      the image at the model's size: ?crop=
//	/api/images/{image}/picture.png     the picture that crops are of: an upload of at most
//	                                    640 pixels
//	/api/images/{image}/neighbours      nearest images of the bank, and their votes: ?k=&crop=
//	/api/images/{image}/kept            what codes, embedded patches and cells keep of an
//	                                    image, as PNG, and lose, from 0 to 1: ?lambda=,
//	                                    0.05 to 0.4
//	/api/images/{image}/patches/{patch}            a patch: active atoms, nearest patches of
//	                                               the bank and atoms
//	/api/images/{image}/patches/{patch}/tile.png   the patch framed in what is around it
//	/api/images/{image}/patches/{patch}/threshold  its code at another threshold: ?t=, 0.05
//	                                               to 0.95
//	/api/pairs/{a}/{b}            why two images are similar: the splits of their cosine,
//	                              of the first one by all its patches, as a query
//	/api/pairs/{a}/{b}/heat.png   what pixels add, in all or with a patch of the other
//	                              image: ?side=a|b&with=
//
// crop is x,y,width,height in pixels of the picture. The part is brought to the model's
// size as dataset.FromImage does, which crops it about its centre where it has another
// aspect.
//
// Until the server is ready, all but the status answer 503 with Retry-After. A page of
// another site gets 403 from every path, whatever it sends; a program that sends none
// of a browser's headers is let in.
//
// An image of the bank is one neighbour of another: by itself, or, if the model knows
// flips, by its flip, whichever is nearer. Where smt eval counts both, it has one vote.
//
// An upload has at most 16 MiB, 24,576,000 pixels and a minute to arrive, and is in a
// format that dataset.Open knows. All bodies being read share 64 MiB, beyond which the
// answer is 503, and one image is decoded at a time. The images uploaded last are kept, in
// 64 MiB. A body that has come whole and is no image that can be read is 415: of another format, of a
// kind of one that is not read, cut off or damaged. Too large is 413, too late 408, and a body that does
// not come as it was announced 400.
//
// Neighbours of patches come as {"signal": […], "code": […], "embedding": […]},
// the nearest first in each space, with their cosines and ranks in all three.
// The fields of each answer are those of the type it is named after: statusAnswer,
// modelAnswer, imageAnswer, keptAnswer, patchAnswer, thresholdAnswer, searchAnswer, pairAnswer,
// mapAnswer and atomAnswer.
//
// # An index
//
// A server of an index (NewIndex) prepares nothing. Its page is the map of the items, to which / leads (mapped.go). What package answers finds comes with the keys of
// smt search, duplicates, outliers, groups, classify and compare with --json. An item is named by its id, as a part of an
// address: / is %2F.
//
//	/map                          the page that smt map writes (package explain/atlas), or,
//	                              until that is drawn, one that says how far it is: 202
//	/api/status                   what is computed about all items at the moment, and how far
//	/api/index                    the index: items, values of an embedding, shape, classes
//	POST /api/search              items near an image: the body is an image file, as above:
//	                              ?k=, 1 to 100, &crop=
//	/api/items                    ids, labels and sizes: ?from=&count=
//	/api/items/{item}             an item: id, label, sides of its image
//	/api/items/{item}/thumbnail   a small picture of it, JPEG or PNG
//	/api/items/{item}/neighbours  items near it: ?k=
//	/api/duplicates               groups of near-duplicates: ?threshold=, a margin from 0.001
//	                              to 1, where it is not to be chosen; equal items always
//	/api/outliers                 items unlike all others, and faults: ?most=, 1 to 10,000
//	/api/groups                   groups of items: ?k=, 2 to 200, where the graph is not to say
//	POST /api/classify            classes of all items without a label, or of ?item=, by labels:
//	                              the body is CSV as smt classify --labels takes it, or empty
//	                              for the classes of the index. ?why=, 0 to 20, is how many
//	                              items that speak for each answer are told, 3 if not given.
//	                              Of images that are sent: a form of image=, up to 100, and
//	                              labels=, as of curl -F image=@FILE -F labels=@FILE.csv;
//	                              as many atoms that speak for each are told too
//	POST /api/compare             why two images are similar, with the keys of smt compare
//	                              --json: a form, as of curl -F a=@FILE -F b=@FILE; ?model=
//	                              where the index has more than one
//	POST /api/compare.png         the same as a picture
//	POST /api/compare.svg         the same as a drawing, with the atoms that add the most
//
// crop is of the picture as it was uploaded. An uploaded image is searched for and not kept. One is decoded and embedded at a time. The
// models are read from the index at the first upload. A form has the limits of an upload, in all, and a file of it is
// called by the last part of its name.
//
// A comparison splits a cosine over the pixels that were embedded. Those are not in an index, which has embeddings and
// thumbnails of its items, so both images are sent. An item cannot be named in their place, and 400 says why.
//
// Duplicates, outliers, groups, classes and the map need the neighbour graph of all items. It is found when it is first asked for, and
// kept: some 400 bytes an item. So are duplicates of the chosen threshold, and of the one that was asked for last, outliers, the groups of the
// number that was asked for last, and the map: some tens of megabytes. What is kept comes at once. One of the five is computed at a time
// (long.go). Who asks for one waits for it, and when who asked leaves, the work stops, and the next one who asks begins it again.
//
// Who would not wait for duplicates, outliers or groups sends the header "Prefer: respond-async" (RFC 7240). The answer is then 202 with
// what /api/status says, until it is there. Who asks again, after Retry-After, does not begin the work again. It goes on when all
// have left, until the server ends, and is one for all: nothing is begun while something is computed. Why it failed is told to
// the next one who asks. The map is always asked for like this, as a browser does not wait for minutes: its page loads itself again each
// second, which needs no script.
//
// An index of one item gets 409 from all five. Items are found by their ids in a table, which is made when an item is first
// named: 8 bytes an item, 8 MB for a million (answers.Numbers).
//
// Labels have the limits of an upload. They and the embeddings of images that are sent are kept no longer than their answer takes. What is wrong with them is
// said at once, whoever computes (classify.go).
//
// Drawing the map takes as long as smt map does. Its content policy allows its own script
// and style, by their digests, and pictures that are in it. As it computes, a page of another site cannot open
// it. The page at / can be opened by a link, and computes nothing: a browser goes on from it.
// An index of more than 250,000 items gets 409.
//
// Where there is less memory than the graph and the answer take, it is 503, with what they take and what is left
// (enough.go). The estimates are those by which the commands refuse. Answers that are kept, items and searches need no graph, and
// come all the same.
//
// # Preparations
//
// It listens at once, and says how far it is while it embeds a bank, codes some of its patches,
// prepares to invert and lays out the atoms (prepare.go). Then it holds nothing that changes but the last images
// uploaded. A search is exact: the cosine of a query with the flip of an image is that of the
// flipped query with the image, so query and flip are both searched for, and the nearer counts
// (search.go). A code at another threshold is cut from the cosines with all atoms, summed in
// float64 as codes are (threshold.go). The page is plain HTML, CSS and modules, embedded as they
// are; its address holds its state.
//
// # Whom it answers
//
// It listens on loopback unless told otherwise, and then refuses a host name that is not this
// machine's: a page elsewhere could have its own name resolve to 127.0.0.1. To every path of the
// API it refuses requests that browsers make for other sites, GETs too, which compute (guard.go).
// Its content policy refuses anything that a page would load from outside. A test goes through the
// table of paths (routes.go), so that none is left out.
//
// # What a client costs
//
// A client costs what it sends and no more. What computes holds one place a processor; a body that
// is being read, or an answer that is being written, holds none. Decoding an upload has one place
// of its own, after its header was checked. Inverting an image has one too, as it takes all processors
// for a quarter of a second or more; who waits for it holds no other place. Images of more than 4,096
// patches are not inverted, nor with a model of so many atoms that there are more than 2²⁶ products. Connections are 256. When a sender leaves, its request stops waiting,
// decoding, searching or inverting.
//
// The tests run in bubbles of testing/synctest, where a goroutine left behind is a failure and
// timeouts need no time. `make browser` drives Chromium through every view, compares the page's
// numbers with the API's and with smt explain, and fails on any request to elsewhere or error in
// the console (server/browser).
package server
