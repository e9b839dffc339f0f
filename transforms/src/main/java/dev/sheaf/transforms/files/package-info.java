/** Puts a model store on any file system that Beam can reach. */
@NullMarked
package dev.sheaf.transforms.files;

import org.jspecify.annotations.NullMarked;
