"""Pages of a PDF as they look, and where on them a quote stands; PDFium works in a process of its own."""
