"""The embedded model `emoji`: text- and style-conditional flow matching on emoji of nine drawing styles."""
