/**
 * Servers that run in JVMs of their own: started, waited for, killed, started again, found again.
 */
@NullMarked
package dev.sheaf.sandbox.process;

import org.jspecify.annotations.NullMarked;
