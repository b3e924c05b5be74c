package main

import (
	"errors"
	"net/url"
	"path/filepath"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

// startEtcd runs an etcd that listens on a socket in dir, and returns its URL. It keeps
// nothing beyond the process's life.
func startEtcd(dir string) (string, error) {
	c := embed.NewConfig()
	c.Dir = filepath.Join(dir, "etcd")
	c.LogLevel = "error"
	c.LogOutputs = []string{filepath.Join(dir, "etcd.log")}
	c.UnsafeNoFsync = true
	socket := url.URL{Scheme: "unix", Path: filepath.Join(dir, "etcd.sock")}
	local := url.URL{Scheme: "http", Host: "127.0.0.1:0"}
	c.ListenClientUrls = []url.URL{socket}
	c.AdvertiseClientUrls = []url.URL{local}
	c.ListenPeerUrls = []url.URL{local}
	c.AdvertisePeerUrls = []url.URL{local}
	c.InitialCluster = c.InitialClusterFromName(c.Name)
	e, err := embed.StartEtcd(c)
	if err != nil {
		return "", err
	}
	select {
	case <-e.Server.ReadyNotify():
		return socket.String(), nil
	case err := <-e.Err():
		return "", err
	case <-time.After(startTimeout):
		return "", errors.New("etcd is not ready")
	}
}
