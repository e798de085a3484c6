"""What is measured, a module a subject; each metric has its definition, its source and a case worked out by hand."""
