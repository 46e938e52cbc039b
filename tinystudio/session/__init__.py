"""The open project and all that happens to it; what window and command line both drive."""
