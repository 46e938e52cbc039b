"""Reports: what was asked, done and found in a project, as one HTML page. One section a file."""
