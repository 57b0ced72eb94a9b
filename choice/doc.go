// Package choice chooses how a model of images is fitted from the images themselves, without labels.
//
// What is known before anything is learned is in Images: how many there are, their shape, and whether they are drawn
// or photographed. Size and Rule are rules, pure functions of that; the atoms are then chosen, as many as the images hold.
//
// The presets are two points that the rules go through: of 60,000 digits of 28 × 28 Rule makes the preset mnist, and of
// 50,000 colour images of 32 × 32 the preset cifar. Lengths in pixels grow with the images from there, and numbers
// of atoms and coordinates shrink with what there is to learn from. Some thousand atoms of shapes in colour are chosen less alike.
package choice
