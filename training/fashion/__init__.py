"""The embedded model `fashion`: class-conditional flow matching on Fashion-MNIST, with two classifiers."""
