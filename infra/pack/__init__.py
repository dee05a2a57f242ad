"""The audit pack: a case, all that proves it, and a program that checks that, in one file to carry away."""
