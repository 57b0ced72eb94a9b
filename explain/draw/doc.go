// Package draw turns the numbers of package explain into pictures: small rasters,
// kept as PNG, and charts, kept as SVG.
//
// Rasters are drawn at one pixel a value and enlarged by whole factors, so that
// what is seen is what was learned. Charts take their colours from chart.css, by
// which a page and a file look alike in light and in dark.
package draw
